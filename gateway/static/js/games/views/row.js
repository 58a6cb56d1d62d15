// A row under the board for something two people settle between them: a draw or a takeback. It keeps its place and its
// height throughout the game, with offers at the left and answers at the right, so that no button appears where another
// one was.

import { enable, onPress } from "../../lib/buttons.js";
import { el, setText } from "../../lib/dom.js";

/** @import { Words } from "../models/words.js" */
/** @typedef {"idle" | "theirs" | "mine"} Mode whose offer stands */

/**
 * A button that calls `press`; name: what it is called where the visible word alone would not do.
 * @param {string} word
 * @param {() => void} press
 * @param {{ kind?: string, name?: string }} looks
 */
export function button(word, press, { kind = "", name } = {}) {
  const node = el("button", { type: "button", class: `button small ${kind}`.trim(), "aria-label": name }, word);
  onPress(node, press);
  return node;
}

export class Row {
  /** @type {Mode | null} */
  #mode = null;

  /**
   * @param {object} about
   * @param {"draw" | "takeback"} about.thing
   * @param {Words} about.words
   * @param {(answer: Wire.Answer) => void} about.onAnswer
   */
  constructor({ thing, words, onAnswer }) {
    this.words = words;
    this.ask = button(words.idle, () => onAnswer("offer"));
    this.says = el("span", { class: "game-row-says" });
    this.accept = button("Accept", () => onAnswer("accept"), { kind: "primary", name: `Accept ${thing}` });
    this.decline = button("Decline", () => onAnswer("decline"), { name: `Decline ${thing}` });
    this.withdraw = button("Withdraw", () => onAnswer("withdraw"), { name: `Withdraw ${thing} offer` });
    this.buttons = [this.ask, this.accept, this.decline, this.withdraw];
    this.node = el(
      "div",
      { class: "game-row", role: "group", "aria-label": words.idle },
      this.ask,
      this.says,
      this.accept,
      this.decline,
      this.withdraw,
    );
  }

  /**
   * True when the buttons changed. may: whether it can be asked for; free: whether buttons can be pressed.
   * @param {{ mode: Mode, may: boolean, free: boolean }} state
   */
  update({ mode, may, free }) {
    this.ask.hidden = mode !== "idle";
    this.says.hidden = mode === "idle";
    this.accept.hidden = this.decline.hidden = mode !== "theirs";
    this.withdraw.hidden = mode !== "mine";
    setText(this.says, mode === "idle" ? "" : this.words[mode]);
    for (const each of this.buttons) enable(each, free);
    enable(this.ask, free && may);
    const changed = this.#mode !== null && this.#mode !== mode;
    this.#mode = mode;
    return changed;
  }
}
