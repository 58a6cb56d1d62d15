// The bar with which one looks back over a game: first, back, forward, last; with arrow keys, Home and End on it.

import { enable, onPress } from "../../lib/buttons.js";
import { byId, setText } from "../../lib/dom.js";

/** @typedef {"first" | "back" | "forward" | "last"} Name */

/** @type {Name[]} */
const NAMES = ["first", "back", "forward", "last"];

/** @type {Record<string, Name>} */
const KEYS = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last" };

export class ReplayBar {
  /**
   * @param {object} does
   * @param {(count: number) => void} does.onShow show the position after so many moves
   * @param {() => void} does.onBranch play on from the one shown
   */
  constructor({ onShow, onBranch }) {
    const [first, back, forward, last] = NAMES.map((name) => byId(`replay-${name}`));
    this.buttons = { first, back, forward, last };
    this.branch = byId("branch");
    this.targets = { first: 0, back: 0, forward: 0, last: 0 };
    for (const name of NAMES) onPress(this.buttons[name], () => onShow(this.targets[name]));
    onPress(this.branch, onBranch);
    byId("replay").addEventListener("keydown", (event) => {
      const name = KEYS[event.key];
      if (!name || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.buttons[name].focus();
      if (this.buttons[name].getAttribute("aria-disabled") !== "true") onShow(this.targets[name]);
    });
  }

  /** @param {{ shown: number, count: number, canBranch: boolean }} state */
  render({ shown, count, canBranch }) {
    this.targets = { first: 0, back: shown - 1, forward: shown + 1, last: count };
    const { first, back, forward, last } = this.buttons;
    for (const button of [first, back]) enable(button, shown > 0);
    for (const button of [forward, last]) enable(button, shown < count);
    enable(this.branch, canBranch);
    setText(byId("replay-place"), `${shown} / ${count}`);
  }
}
