// Fingers are wider than the cells of a big board: there the first tap aims, with cross-hairs, and the second one places.

import { el } from "../../lib/dom.js";
import { stone } from "./stones.js";

const FINGER_PX = 36;

export class Aim {
  #cell = null;
  #marks = [];

  /** onTake(cell) where it is meant at once or for the second time, else onAim(cell). */
  constructor(root, onTake, onAim) {
    Object.assign(this, { root, onTake, onAim });
  }

  choose(event, button, rules, side) {
    const cell = Number(button.dataset.cell);
    const sure = !isTouch(event) || button.getBoundingClientRect().width >= FINGER_PX || cell === this.#cell;
    this.clear();
    if (sure) {
      this.onTake(cell);
      return;
    }
    this.#cell = cell;
    const row = el("span", { class: "aim-row", "aria-hidden": "true" });
    const column = el("span", { class: "aim-column", "aria-hidden": "true" });
    const ghost = el("span", { class: "aim", "aria-hidden": "true" }, stone(side));
    for (const mark of [row, ghost]) mark.style.setProperty("--y", Math.floor(cell / rules.columns));
    for (const mark of [column, ghost]) mark.style.setProperty("--x", cell % rules.columns);
    this.#marks = [row, column, ghost];
    this.root.append(...this.#marks);
    this.onAim(cell);
  }

  clear() {
    this.#cell = null;
    for (const mark of this.#marks) mark.remove();
    this.#marks = [];
  }
}

// Where a click does not tell its pointer, the device's main one is asked; keys and screen readers click without one.
function isTouch(event) {
  if (event.detail === 0) return false;
  return event.pointerType ? event.pointerType === "touch" : matchMedia("(pointer: coarse)").matches;
}
