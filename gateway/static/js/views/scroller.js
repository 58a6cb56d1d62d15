const NEAR_END_PX = 80;

/** A scrolled log: stays at the end when it is there, and keeps its place when something comes in above. */
export class Scroller {
  #sticking = true;

  constructor(element) {
    this.element = element;
    element.addEventListener("scroll", () => (this.#sticking = this.nearEnd), { passive: true });
    const observer = new ResizeObserver(() => this.#sticking && this.toEnd());
    observer.observe(element);
  }

  get nearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  toEnd() {
    this.#sticking = true;
    this.element.scrollTop = this.element.scrollHeight;
  }

  /** Puts `node` so far below the top: a part of the height. */
  toNode(node, part = 0.25) {
    const offset = node.getBoundingClientRect().top - this.element.getBoundingClientRect().top;
    this.element.scrollTop += offset - this.element.clientHeight * part;
    this.#sticking = this.nearEnd;
  }

  /** Changes the content by `change()`; afterwards the end, or the first child seen, is where it was. */
  keeping(children, change, { follow = false } = {}) {
    const stick = follow || this.#sticking;
    const top = this.element.getBoundingClientRect().top;
    const anchor = stick ? null : firstBelow(children, top);
    const before = anchor?.getBoundingClientRect().top;
    change();
    if (stick) this.toEnd();
    else if (anchor?.isConnected) this.element.scrollTop += anchor.getBoundingClientRect().top - before;
  }
}

/** The first child that ends below `top`, by bisection: they stand one under the other. */
function firstBelow(children, top) {
  let [low, high] = [0, children.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (children[middle].getBoundingClientRect().bottom <= top) low = middle + 1;
    else high = middle;
  }
  return children[low];
}
