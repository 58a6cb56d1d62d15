import { laterSheet } from "./later_sheet.js";

const AWAY = "You are offline. This can be opened when you are back.";
const FAILED = "This could not be loaded. Try again, or reload the page.";

/** @type {Set<Part<any>>} */
const parts = new Set();

/**
 * A part of the page that most visits have no use for. It is loaded when it is wanted, or when a pointer, a finger or
 * the focus comes near to what opens it.
 * @template Made
 */
export class Part {
  /** @type {Made | null} once it is there */
  made = null;
  /** Whether it could not be loaded when it was wanted last. */
  failed = false;
  /** @type {Promise<void> | null} */
  #making = null;
  /** @type {((made: Made) => void) | null} what somebody wants of it, and waits for */
  #wanted = null;

  /**
   * @param {() => Promise<Made>} make loads and makes it
   * @param {(words: string) => void} complain
   */
  constructor(make, complain) {
    this.make = make;
    this.complain = complain;
    parts.add(this);
  }

  /**
   * Uses it, at once where it is there. Of what is wanted while it is loading, the last counts.
   * @param {(made: Made) => void} use
   */
  async want(use) {
    this.#wanted = use;
    try {
      if (!this.made) await this.#load();
    } catch (error) {
      if (this.#wanted === use) this.#complain(error);
    }
    if (!this.made || this.#wanted !== use) return;
    this.#wanted = null;
    use(this.made);
  }

  /** Nobody waits for it any more. */
  forget() {
    this.#wanted = null;
  }

  /** Loads it before it is wanted, and keeps quiet about a failure. */
  prepare() {
    if (!this.made) this.#load().catch(() => {});
  }

  /**
   * Prepares it when a pointer or the focus comes to what opens it.
   * @param {Element} root
   * @param {string} [selector] of what opens it, in there; without one the root does
   */
  near(root, selector = "*") {
    const came = (/** @type {Event} */ { target }) =>
      target instanceof Element && target.closest(selector) && this.prepare();
    for (const name of ["pointerover", "focusin"]) root.addEventListener(name, came, { passive: true });
  }

  /**
   * Makes a button work that waited for the page.
   * @param {HTMLButtonElement} button
   * @param {(made: Made) => void} use
   */
  openedBy(button, use) {
    button.addEventListener("click", () => this.want(use));
    this.near(button);
    button.disabled = false;
  }

  #load() {
    this.#making ??= this.#make().finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  async #make() {
    const [made] = await Promise.all([this.make(), laterSheet()]);
    this.made = made;
    this.failed = false;
  }

  /** @param {unknown} error */
  #complain(error) {
    console.warn(error);
    this.#wanted = null;
    this.failed = true;
    this.complain(navigator.onLine ? FAILED : AWAY);
  }
}

/** The page shows something else now: nothing that was asked for before is to open. */
export function forgetParts() {
  for (const part of parts) part.forget();
}

/** Loads all of them. */
export function prepareParts() {
  for (const part of parts) part.prepare();
}
