import { isOpen, waitsFor } from "../games/models/state.js";
import { Emitter } from "../lib/emitter.js";

/**
 * @typedef {object} Entry
 * @property {string} thread
 * @property {number | null} [seq] of the game's first event, where it stands; null while it is not in the log yet,
 *   undefined while unknown
 * @property {Wire.Game} game
 */
/** @typedef {{ thread: string, before: Wire.Game | null, game: Wire.Game | null }} Change before: as known until then */

/**
 * The newest state of every game that this page has heard of, in all threads.
 * @extends {Emitter<{ change: Change }>}
 */
export class Games extends Emitter {
  /** @type {Map<string, Entry>} */
  #entries = new Map();

  /** @param {string} me */
  constructor(me) {
    super();
    this.me = me;
  }

  /** @param {string} id */
  get(id) {
    return this.#entries.get(id) ?? null;
  }

  /**
   * In the order of the thread; those without a place last.
   * @param {string} thread
   */
  of(thread) {
    const entries = [...this.#entries.values()].filter((entry) => entry.thread === thread);
    return entries.sort((one, other) => (one.seq ?? Infinity) - (other.seq ?? Infinity));
  }

  /**
   * The games of a thread that wait for me.
   * @param {string} thread
   */
  waitingIn(thread) {
    return this.of(thread).filter(({ game }) => waitsFor(game, this.me));
  }

  /**
   * How many games wait for me, in all threads but the quiet ones.
   * @param {(thread: string) => boolean} isQuiet
   */
  waiting(isQuiet) {
    const entries = [...this.#entries.values()];
    return entries.filter(({ thread, game }) => waitsFor(game, this.me) && !isQuiet(thread)).length;
  }

  /**
   * The game changed last in a thread, or null.
   * @param {string} thread
   */
  latest(thread) {
    /** @type {Wire.Game | null} */
    let last = null;
    for (const { game } of this.of(thread)) if (last === null || game.at > last.at) last = game;
    return last;
  }

  /**
   * Takes a state over unless a newer one is known.
   * @param {Entry} news
   */
  take({ thread, seq, game }) {
    const entry = this.#entries.get(game.id);
    const before = entry?.game ?? null;
    const awaited = seq === null || entry?.seq === null;
    const placed = seq ?? entry?.seq ?? (awaited ? null : undefined);
    if (before && before.version >= game.version && placed === entry?.seq) return;
    const newest = before && before.version >= game.version ? before : game;
    this.#entries.set(game.id, { thread, seq: placed, game: newest });
    this.emit("change", { thread, before, game: newest });
  }

  /**
   * Takes the open games of all threads. known: what openIds() said before they were asked for; any others of those are
   * over.
   * @param {Entry[]} threadGames
   * @param {Map<string, number>} known
   * @param {(thread: string) => boolean} isHeld
   */
  takeOpen(threadGames, known, isHeld) {
    for (const one of threadGames) this.take(one);
    const open = new Set(threadGames.map(({ game }) => game.id));
    for (const [id, version] of known) {
      const entry = this.#entries.get(id);
      if (open.has(id) || !entry || entry.game.version !== version || isHeld(entry.thread)) continue;
      this.#entries.delete(id);
      this.emit("change", { thread: entry.thread, before: entry.game, game: null });
    }
  }

  /** The version by id of what is offered or being played. */
  openIds() {
    const open = [...this.#entries.values()].filter(({ game }) => isOpen(game));
    return new Map(open.map(({ game }) => [game.id, game.version]));
  }

  /**
   * Forgets games of a log that is gone; of all threads unless one is named.
   * @param {string | null} thread
   */
  forget(thread = null) {
    for (const [id, entry] of this.#entries) {
      if (thread !== null && entry.thread !== thread) continue;
      this.#entries.delete(id);
      this.emit("change", { thread: entry.thread, before: entry.game, game: null });
    }
  }
}
