import { byId, one, setText } from "../../lib/dom.js";
import { gameName } from "../models/names.js";
import { isOpen, waitsFor } from "../models/state.js";

/** @import { Entry } from "../../models/games.js" */
/** @import { Scroller } from "../../views/scroller.js" */

/** Over the log, while an open game is out of sight: a button that leads there. */
export class GamePointer {
  /** @type {Entry | null} */
  #entry = null;

  /**
   * @param {object} parts
   * @param {string} parts.me
   * @param {HTMLElement} parts.log
   * @param {Scroller} parts.scroller
   * @param {(seq: number) => Promise<boolean | null>} parts.reach loads as far back as that; whether it is there
   */
  constructor({ me, log, scroller, reach }) {
    this.me = me;
    this.log = log;
    this.scroller = scroller;
    this.reach = reach;
    this.button = byId("game-pointer");
    this.button.addEventListener("click", () => this.#entry && this.#show(this.#entry));
  }

  /**
   * Brings it into view, from however far back.
   * @param {Entry} entry
   */
  async #show({ seq, game }) {
    if (!(await this.reach(seq ?? 0))) return;
    const node = document.getElementById(`game-${game.id}`);
    if (!node) return;
    this.scroller.toNode(node, 0.05);
    /** @type {HTMLElement | null} */
    const target = node.querySelector(".cell[tabindex='0'], .game-status");
    target?.focus({ preventScroll: true });
  }

  /** @param {Entry[]} entries the games of the open thread */
  update(entries) {
    const open = entries.filter(({ game, seq }) => isOpen(game) && seq !== null && !this.#seen(game));
    this.#entry = open.find(({ game }) => waitsFor(game, this.me)) ?? open.at(-1) ?? null;
    this.button.hidden = this.#entry === null;
    if (!this.#entry) return;
    const { game } = this.#entry;
    const yours = waitsFor(game, this.me);
    this.button.classList.toggle("yours", yours);
    const words = !yours ? "Game" : game.phase === "offered" ? "A game is offered" : "Your move";
    setText(one(this.button, "span"), `${words}: ${gameName(game.spec)}`);
  }

  /** @param {Wire.Game} game */
  #seen({ id }) {
    const node = document.getElementById(`game-${id}`);
    if (!node) return false;
    const [log, card] = [this.log.getBoundingClientRect(), node.getBoundingClientRect()];
    const visible = Math.min(log.bottom, card.bottom) - Math.max(log.top, card.top);
    return visible > Math.min(card.height, log.height) / 2;
  }
}
