// Which game: a list, and for boards of one's own three numbers.

import { byId } from "../../lib/dom.js";
import { CLASSIC, rulesOf } from "../models/variants.js";

/** @import { Rules } from "../models/variants.js" */

const NUMBERS = ["columns", "rows", "k"];

export class Chooser {
  /** @param {(rules: Rules) => void} onChoose another game was chosen */
  constructor(onChoose) {
    this.list = byId("variant", HTMLSelectElement);
    this.numbers = NUMBERS.map((name) => byId(name, HTMLSelectElement));
    this.list.addEventListener("change", () => {
      this.#reveal();
      onChoose(this.#chosen());
    });
    for (const select of this.numbers) {
      select.addEventListener("change", () => {
        this.#limit();
        onChoose(this.#chosen());
      });
    }
  }

  /**
   * Shows which game is played, also one that is not in the list.
   * @param {Rules} rules
   */
  show({ name, variant, columns, rows, k }) {
    const listed = [...this.list.options].some((option) => option.value === name);
    if (this.list.value === "size" && variant === "mnk") return;
    this.list.value = listed ? name : "size";
    if (!listed) for (const [index, value] of [columns, rows, k].entries()) this.numbers[index].value = String(value);
    this.#reveal();
  }

  #chosen() {
    const size = this.numbers.map((select) => select.value).join("x");
    return rulesOf(this.list.value === "size" ? size : this.list.value) ?? CLASSIC;
  }

  #reveal() {
    byId("size").hidden = this.list.value !== "size";
    this.#limit();
  }

  /** No line is longer than the board. */
  #limit() {
    const [columns, rows, k] = this.numbers;
    const longest = Math.max(Number(columns.value), Number(rows.value));
    for (const option of k.options) option.disabled = Number(option.value) > longest;
    if (Number(k.value) > longest) k.value = String(longest);
  }
}
