import { byId } from "../lib/dom.js";

const FOR_MS = 5000;
const TROUBLE_MS = 8000;

/** Says for a few seconds what was done, with a way to undo it; or why it was not. Empty, it is out of sight. */
export class Toast {
  /** @type {number | undefined} */
  #timer;
  /** @type {() => void} */
  #undo = () => {};

  /** @param {() => void} onGone the focus was in it */
  constructor(onGone) {
    this.onGone = onGone;
    this.toast = byId("toast");
    this.words = byId("toast-words");
    this.button = byId("toast-undo");
    this.button.addEventListener("click", () => {
      this.#undo();
      this.#hide();
    });
  }

  /**
   * @param {string} words
   * @param {(() => void) | null} [undo]
   */
  show(words, undo = null) {
    clearTimeout(this.#timer);
    this.#undo = undo ?? (() => {});
    this.words.replaceChildren(words);
    this.toast.classList.toggle("trouble", !undo);
    this.button.hidden = !undo;
    if (undo) this.button.focus({ preventScroll: true });
    this.#timer = setTimeout(() => this.#hide(), undo ? FOR_MS : TROUBLE_MS);
  }

  /**
   * Says what others did.
   * @param {string} words
   */
  tell(words) {
    this.show(words);
    this.toast.classList.remove("trouble");
  }

  #hide() {
    clearTimeout(this.#timer);
    const held = this.toast.contains(document.activeElement);
    this.words.replaceChildren();
    this.button.hidden = true;
    if (held) this.onGone();
  }
}
