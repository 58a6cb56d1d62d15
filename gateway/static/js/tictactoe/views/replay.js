// The bar with which one looks back over a game: first, back, forward, last; with arrow keys, Home and End on it.

import { byId, setText } from "../../lib/dom.js";
import { enable, onPress } from "./buttons.js";

const KEYS = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last" };

export class ReplayBar {
  /** onShow(count): show the position after so many moves; onBranch(): play on from the one shown. */
  constructor({ onShow, onBranch }) {
    this.buttons = Object.fromEntries(Object.values(KEYS).map((name) => [name, byId(`replay-${name}`)]));
    this.branch = byId("branch");
    this.targets = { first: 0, back: 0, forward: 0, last: 0 };
    for (const [name, button] of Object.entries(this.buttons)) onPress(button, () => onShow(this.targets[name]));
    onPress(this.branch, onBranch);
    byId("replay").addEventListener("keydown", (event) => {
      const name = KEYS[event.key];
      if (!name || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.buttons[name].focus();
      if (this.buttons[name].getAttribute("aria-disabled") !== "true") onShow(this.targets[name]);
    });
  }

  render({ shown, count, canBranch }) {
    this.targets = { first: 0, back: shown - 1, forward: shown + 1, last: count };
    for (const name of ["first", "back"]) enable(this.buttons[name], shown > 0);
    for (const name of ["forward", "last"]) enable(this.buttons[name], shown < count);
    enable(this.branch, canBranch);
    setText(byId("replay-place"), `${shown} / ${count}`);
  }
}
