// Fingers are wider than the cells of a big board: there the first tap aims, with cross-hairs, and the second one places.

import { el } from "../../lib/dom.js";
import { stone } from "./stones.js";

/** @import { Rules } from "../models/variants.js" */

const FINGER_PX = 36;

export class Aim {
  /** @type {number | null} */
  #cell = null;
  /** @type {HTMLElement[]} */
  #marks = [];

  /**
   * @param {HTMLElement} root
   * @param {(cell: number) => void} onTake where it is meant at once or for the second time
   * @param {(cell: number) => void} onAim else
   */
  constructor(root, onTake, onAim) {
    this.root = root;
    this.onTake = onTake;
    this.onAim = onAim;
  }

  /**
   * @param {Event} event
   * @param {HTMLElement} button
   * @param {Rules} rules
   * @param {Wire.Side} side
   */
  choose(event, button, rules, side) {
    const cell = Number(button.dataset.cell);
    const sure = !isTouch(event) || button.getBoundingClientRect().width >= FINGER_PX || cell === this.#cell;
    this.clear();
    if (sure) {
      this.onTake(cell);
      return;
    }
    this.#cell = cell;
    const across = el("span", { class: "aim-row", "aria-hidden": "true" });
    const down = el("span", { class: "aim-column", "aria-hidden": "true" });
    const ghost = el("span", { class: "aim", "aria-hidden": "true" }, stone(side));
    for (const mark of [across, ghost]) mark.style.setProperty("--y", String(Math.floor(cell / rules.columns)));
    for (const mark of [down, ghost]) mark.style.setProperty("--x", String(cell % rules.columns));
    this.#marks = [across, down, ghost];
    this.root.append(...this.#marks);
    this.onAim(cell);
  }

  clear() {
    this.#cell = null;
    for (const mark of this.#marks) mark.remove();
    this.#marks = [];
  }
}

/**
 * Where a click does not tell its pointer, the device's main one is asked; keys and screen readers click without one.
 * @param {Event} event
 */
function isTouch(event) {
  if (!(event instanceof UIEvent) || event.detail === 0) return false;
  return event instanceof PointerEvent && event.pointerType
    ? event.pointerType === "touch"
    : matchMedia("(pointer: coarse)").matches;
}
