const SETTLES_MS = 350;
const MOVED_PX = 3;

/**
 * Swallows a tap on a game that was under way when something else stood there: after a game came, went, moved on the
 * screen or changed its buttons, it takes no pointer for a moment (`data-fresh`). Keys are not concerned: they go to what has the focus.
 */
export class Guard {
  #pressed = 0;

  constructor(list) {
    this.list = list;
    list.addEventListener("pointerdown", () => (this.#pressed = performance.now()), { capture: true, passive: true });
    list.addEventListener("click", (event) => this.#clicked(event), { capture: true });
  }

  /** Changes the list by `change()`, and looks which games it moved. */
  around(change) {
    const before = new Map(this.#games().map((node) => [node, node.getBoundingClientRect().top]));
    change();
    for (const node of this.#games()) {
      if (!before.has(node) || Math.abs(node.getBoundingClientRect().top - before.get(node)) > MOVED_PX)
        this.freshen(node);
    }
  }

  /** The buttons of this game, or of a row of it, are others than before. */
  freshen(node) {
    clearTimeout(node.settling);
    node.freshAt = performance.now();
    node.dataset.fresh = "";
    node.settling = setTimeout(() => delete node.dataset.fresh, SETTLES_MS);
  }

  #games() {
    return [...this.list.querySelectorAll(":scope > .game-item")];
  }

  #clicked(event) {
    if (event.detail === 0) return;
    const isFresh = ({ freshAt }) => freshAt !== undefined && this.#pressed - freshAt < SETTLES_MS;
    if (!event.composedPath().some(isFresh)) return;
    event.preventDefault();
    event.stopPropagation();
  }
}
