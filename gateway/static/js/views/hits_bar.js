import { byId, setText } from "../lib/dom.js";
import { inWords } from "../net/api.js";

/** @import { Search } from "../models/search.js" */
/** @import { Note } from "./note.js" */

export const NO_CONNECTION = "You are offline. Searching needs a connection.";

/** Above the log while somebody goes from one message that was found to the next. */
export class HitsBar {
  /**
   * @param {object} parts
   * @param {Search} parts.search
   * @param {(hit: Wire.Message) => void} parts.onStep goes to another hit
   * @param {() => void} parts.onAll shows all of them again
   * @param {() => void} parts.onClose
   * @param {Note} parts.note
   */
  constructor({ search, onStep, onAll, onClose, note }) {
    this.search = search;
    this.note = note;
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
    const { state, problem } = this.search;
    if (hit) this.onStep(hit);
    else if (by > 0 && state === "failed") this.note.complain(navigator.onLine ? inWords(problem) : NO_CONNECTION);
  }

  #draw() {
    const { at, place, hits, more, query } = this.search;
    const held = this.bar.contains(document.activeElement);
    this.bar.hidden = at === null;
    if (held && this.bar.hidden) byId("log").focus({ preventScroll: true });
    setText(byId("hits-query"), at ? query : "");
    setText(byId("hits-place"), at && place >= 0 ? `${place + 1} of ${hits.length}${more ? "+" : ""}` : "");
    // They stay focusable, so that the focus is not lost at the last hit.
    this.older.setAttribute("aria-disabled", String(this.search.placeBy(1) >= hits.length && !more));
    this.newer.setAttribute("aria-disabled", String(this.search.placeBy(-1) < 0));
  }
}
