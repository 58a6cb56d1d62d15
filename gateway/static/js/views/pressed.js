const LET_GO_MS = 100; // a finger's click comes so long behind its end

/** Whether something in a part of the page is pressed: what is drawn anew meanwhile, or moves, would lose the press. */
export class Pressed {
  /** @type {AbortController | null} of the listeners for its end */
  #down = null;
  #timer = 0;

  /**
   * @param {HTMLElement} part
   * @param {() => void} onEnd after the click, if it was one
   */
  constructor(part, onEnd) {
    this.onEnd = onEnd;
    part.addEventListener("pointerdown", () => this.#begin(), { passive: true });
  }

  get is() {
    return this.#down !== null;
  }

  #begin() {
    clearTimeout(this.#timer);
    this.#down?.abort();
    this.#down = new AbortController();
    const heard = { passive: true, signal: this.#down.signal };
    for (const kind of ["pointerup", "pointercancel", "blur"]) addEventListener(kind, () => this.#let(), heard);
    addEventListener("pointermove", ({ buttons }) => buttons || this.#let(), heard); // it ended where nobody heard of it
  }

  #let() {
    this.#down?.abort();
    this.#timer = setTimeout(() => {
      this.#down = null;
      this.onEnd();
    }, LET_GO_MS);
  }
}
