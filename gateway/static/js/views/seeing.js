import { byId, setText } from "../lib/dom.js";
import { inWords } from "../net/api.js";

/** @import { Name, Seeing } from "../models/seeing.js" */

/** A switch for each thing that others may see. */
export class SeeingView {
  /** @param {Seeing} seeing */
  constructor(seeing) {
    this.seeing = seeing;
    this.list = byId("seeing");
    this.switches = /** @type {HTMLInputElement[]} */ ([...this.list.querySelectorAll("input")]);
    this.problem = byId("seeing-problem");
    this.saved = byId("seeing-saved");
    this.again = byId("seeing-again");
    this.again.addEventListener("click", () => this.load());
    this.list.addEventListener("change", (event) => {
      const { name, checked } = /** @type {HTMLInputElement} */ (event.target);
      this.#say();
      seeing.choose(/** @type {Name} */ (name), checked);
    });
    seeing.on("change", () => this.#draw());
    seeing.on("saved", (name) => this.#say({ saved: this.#words(name) }));
    seeing.on("failed", (error) => this.#failed(error));
  }

  async load() {
    this.#say();
    await this.seeing.load();
  }

  #draw() {
    const { shown } = this.seeing;
    if (!shown) return;
    this.list.removeAttribute("aria-busy");
    for (const each of this.switches) {
      each.disabled = false;
      each.checked = shown[/** @type {Name} */ (each.name)];
    }
    if (document.activeElement === this.again) this.switches[0].focus();
    this.again.hidden = true;
  }

  /** @param {unknown} error */
  #failed(error) {
    const known = this.seeing.shown !== null;
    this.#say({ problem: known ? `Not saved. ${inWords(error)}` : inWords(error) });
    this.again.hidden = known;
  }

  /** @param {Name} name */
  #words(name) {
    const one = this.switches.find((each) => each.name === name);
    return `Saved. ${one?.labels?.[0]?.textContent}: ${one?.checked ? "on" : "off"}.`;
  }

  /** @param {{ saved?: string, problem?: string }} words */
  #say({ saved = "", problem = "" } = {}) {
    setText(this.saved, saved);
    setText(this.problem, problem);
  }
}
