import { byId, one, setText } from "../../lib/dom.js";
import { gameName } from "../models/names.js";
import { isOpen, waitsFor } from "../models/state.js";

/** @import { Entry } from "../../models/games.js" */

/** Over the log, while an open game is out of sight: a button that leads there. */
export class GamePointer {
  /** @type {Entry | null} */
  #entry = null;

  /**
   * @param {object} parts
   * @param {string} parts.me
   * @param {HTMLElement} parts.log
   * @param {(entry: Entry) => void} parts.onShow the button was pressed
   */
  constructor({ me, log, onShow }) {
    this.me = me;
    this.log = log;
    this.button = byId("game-pointer");
    this.button.addEventListener("click", () => this.#entry && onShow(this.#entry));
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
