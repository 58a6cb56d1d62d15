const SETTLES_MS = 350;
const MOVED_PX = 3;

/**
 * Swallows a tap that was meant for what stood in this place before: after a game has appeared, gone, moved on the
 * screen or changed its buttons, it takes no pointer for a moment (`data-fresh`). Keys go to what has the focus, and are
 * not affected.
 */
export class Guard {
  #pressed = 0;
  /** @type {WeakMap<EventTarget, { at: number, timer: number }>} */
  #fresh = new WeakMap();

  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
    const pressed = () => {
      this.#pressed = performance.now();
    };
    list.addEventListener("pointerdown", pressed, { capture: true, passive: true });
    list.addEventListener("click", (event) => this.#clicked(event), { capture: true });
  }

  /**
   * Changes the list, and looks which games that moved.
   * @param {() => void} change
   */
  around(change) {
    const before = new Map(this.#games().map((node) => [node, node.getBoundingClientRect().top]));
    change();
    for (const node of this.#games()) {
      const moved = node.getBoundingClientRect().top - (before.get(node) ?? Infinity);
      if (Math.abs(moved) > MOVED_PX) this.freshen(node);
    }
  }

  /**
   * The buttons of this game, or of a row of it, are others than before.
   * @param {HTMLElement} node
   */
  freshen(node) {
    clearTimeout(this.#fresh.get(node)?.timer);
    node.dataset.fresh = "";
    const timer = setTimeout(() => delete node.dataset.fresh, SETTLES_MS);
    this.#fresh.set(node, { at: performance.now(), timer });
  }

  #games() {
    return /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll(":scope > .game-item")]);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    if (event.detail === 0) return;
    const isFresh = (/** @type {EventTarget} */ node) =>
      this.#pressed - (this.#fresh.get(node)?.at ?? -Infinity) < SETTLES_MS;
    if (!event.composedPath().some(isFresh)) return;
    event.preventDefault();
    event.stopPropagation();
  }
}
