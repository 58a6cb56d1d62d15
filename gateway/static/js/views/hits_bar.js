import { byId, setText } from "../lib/dom.js";

/** @import { Search } from "../models/search.js" */

/** Above the log while somebody goes from one message that was found to the next. */
export class HitsBar {
  /**
   * @param {object} parts
   * @param {Search} parts.search
   * @param {(hit: Wire.Message) => void} parts.onStep goes to another hit
   * @param {() => void} parts.onAll shows all of them again
   * @param {() => void} parts.onClose
   */
  constructor({ search, onStep, onAll, onClose }) {
    this.search = search;
    this.onStep = onStep;
    this.bar = byId("hits");
    this.older = byId("hits-older", HTMLButtonElement);
    this.newer = byId("hits-newer", HTMLButtonElement);
    this.older.addEventListener("click", () => this.#step(1));
    this.newer.addEventListener("click", () => this.#step(-1));
    byId("hits-all").addEventListener("click", onAll);
    byId("hits-close").addEventListener("click", onClose);
    addEventListener("keydown", (event) => {
      if (this.bar.hidden || event.key !== "F3" || document.querySelector("dialog:modal")) return;
      event.preventDefault();
      this.#step(event.shiftKey ? -1 : 1);
    });
    search.on("change", () => this.#draw());
  }

  /** @param {1 | -1} by */
  async #step(by) {
    const hit = await this.search.step(by);
    if (hit) this.onStep(hit);
  }

  #draw() {
    const { at, place, hits, more, query } = this.search;
    this.bar.hidden = at === null;
    setText(byId("hits-query"), at ? query : "");
    setText(byId("hits-place"), at && place >= 0 ? `${place + 1} of ${hits.length}${more ? "+" : ""}` : "");
    // They stay focusable, so that the focus is not lost at the last hit.
    this.older.setAttribute("aria-disabled", String(this.search.placeBy(1) >= hits.length && !more));
    this.newer.setAttribute("aria-disabled", String(this.search.placeBy(-1) < 0));
  }
}
