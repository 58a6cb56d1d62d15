import { specOf } from "../games/models/state.js";
import { Emitter } from "../lib/emitter.js";
import { rulesOf } from "../tictactoe/models/variants.js";

/**
 * @typedef {object} Calls
 * @property {() => Promise<Wire.Invites>} list
 * @property {(body: Wire.NewInvite) => Promise<Wire.MadeInvite>} make
 * @property {(id: string) => Promise<null>} takeBack
 */

/**
 * One's own open invitations. The links of those made here are known to this page alone.
 * @extends {Emitter<{ change: undefined }>}
 */
export class Invitations extends Emitter {
  /** @type {Wire.InviteItem[]} the newest first */
  open = [];
  /** @type {Map<string, Wire.MadeInvite>} by what it is to */
  #made = new Map();
  /** @type {Set<string>} ids of those that are open no more: a list that was asked for before may still have them */
  #gone = new Set();

  /** @param {Calls} calls */
  constructor({ list, make, takeBack }) {
    super();
    this.calls = { list, make, takeBack };
  }

  /**
   * One that can be used: the one made earlier, or else a new one.
   * @param {string} to "" for a chat, or the name of a game's rules
   */
  async link(to) {
    await this.refresh(); // also where no new one can be made
    const known = this.#made.get(to);
    if (known && this.open.some(({ id }) => id === known.id)) return known;
    const made = await this.calls.make(to ? { game: gameOf(to) } : {});
    this.#made.set(to, made);
    await this.refresh();
    return made;
  }

  async refresh() {
    const { invites } = await this.calls.list();
    this.open = invites.filter(({ id }) => !this.#gone.has(id));
    this.emit("change");
  }

  /** @param {string} id */
  async takeBack(id) {
    await this.calls.takeBack(id);
    this.gone(id);
  }

  /**
   * It is open no more.
   * @param {string} id
   */
  gone(id) {
    this.#gone.add(id);
    this.open = this.open.filter((one) => one.id !== id);
    this.emit("change");
  }
}

/**
 * Whoever comes moves first: there is something to do at once.
 * @param {string} name of the rules
 * @returns {Wire.InvitedGame | null}
 */
function gameOf(name) {
  const rules = rulesOf(name);
  return rules && { spec: specOf(rules), x: "peer", o: "me", toss: false, clock: null, takebacks: true };
}
