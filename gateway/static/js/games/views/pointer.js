import { byId, setText } from "../../lib/dom.js";
import { isOpen, waitsFor } from "../models/state.js";
import { gameName } from "../models/words.js";

/** Over the log, while an open game is out of sight: a button that leads there. */
export class GamePointer {
  #entry = null;

  /** onShow(entry): the button was pressed. */
  constructor({ me, log, onShow }) {
    Object.assign(this, { me, log });
    this.button = byId("game-pointer");
    this.button.addEventListener("click", () => onShow(this.#entry));
  }

  /** entries: the games of the open thread. */
  update(entries) {
    const open = entries.filter(({ game, seq }) => isOpen(game) && seq !== null && !this.#seen(game));
    this.#entry = open.find(({ game }) => waitsFor(game, this.me)) ?? open.at(-1) ?? null;
    this.button.hidden = this.#entry === null;
    if (!this.#entry) return;
    const { game } = this.#entry;
    const yours = waitsFor(game, this.me);
    this.button.classList.toggle("yours", yours);
    const words = !yours ? "Game" : game.phase === "offered" ? "A game is offered" : "Your move";
    setText(this.button.lastElementChild, `${words}: ${gameName(game.spec)}`);
  }

  #seen({ id }) {
    const node = document.getElementById(`game-${id}`);
    if (!node) return false;
    const [log, card] = [this.log.getBoundingClientRect(), node.getBoundingClientRect()];
    const visible = Math.min(log.bottom, card.bottom) - Math.max(log.top, card.top);
    return visible > Math.min(card.height, log.height) / 2;
  }
}
