const NEAR_END_PX = 80;
const IN_SIGHT_PX = 2;

/** @typedef {{ node: Element, offset?: number, part?: number }} Place below the top by offset, or this part above it */

/**
 * A scrolled log of one column, in which `list` holds what one reads: stays at the end when it is there, and keeps the
 * first child in sight where it is when something comes in above, and when anything gets another size.
 */
export class Scroller {
  /** Whether the list ends where the log does; else nothing stays at the end. */
  #ends = true;
  #sticking = true;
  /** @type {Place | null} */
  #place = null;
  #sizes = "";

  /**
   * @param {HTMLElement} element
   * @param {HTMLElement} list
   * @param {() => void} resized called after that: another part may be in sight
   */
  constructor(element, list, resized) {
    this.element = element;
    this.list = list;
    this.column = /** @type {HTMLElement} */ (element.firstElementChild);
    element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const observer = new ResizeObserver(() => {
      this.#settle();
      resized();
    });
    observer.observe(element);
    observer.observe(this.column);
  }

  /** @param {boolean} ends */
  set ends(ends) {
    this.#ends = ends;
    this.#sticking &&= ends;
  }

  get nearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return this.#ends && scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  toEnd() {
    this.#sticking = this.#ends;
    this.element.scrollTop = this.element.scrollHeight;
    this.#note();
  }

  /**
   * Puts `node` so far below the top: a part of the height, or so many pixels.
   * @param {Element} node
   */
  toNode(node, part = 0.25, px = this.element.clientHeight * part) {
    const offset = node.getBoundingClientRect().top - this.#top;
    this.element.scrollTop += offset - px;
    this.#sticking = this.nearEnd;
    this.#note();
  }

  /**
   * Changes the content by `change()`; afterwards the end, or the first child seen, is where it was.
   * @param {() => void} change
   * @param {{ follow?: boolean }} [how] follow: to the end, wherever it was
   */
  keeping(change, { follow = false } = {}) {
    this.#settle();
    const stick = follow || this.#sticking;
    const anchor = stick ? null : this.#firstInSight();
    const before = anchor?.getBoundingClientRect().top ?? 0;
    change();
    if (stick) {
      this.toEnd();
      return;
    }
    if (anchor?.isConnected) this.element.scrollTop += anchor.getBoundingClientRect().top - before;
    this.#note();
  }

  /** The children in sight: how far the first one stands below the top, too. */
  get inSight() {
    const first = this.#firstInSight();
    const bottom = this.#top + this.element.clientHeight;
    const last = firstBelow(this.list.children, bottom) ?? this.list.lastElementChild;
    return { first, last, offset: first ? first.getBoundingClientRect().top - this.#top : 0 };
  }

  get #top() {
    return this.element.getBoundingClientRect().top;
  }

  /** A place to which a change of size scrolled is not one that somebody chose. */
  #scrolled() {
    if (this.#sizes !== this.#measured()) return;
    this.#sticking = this.nearEnd;
    this.#note();
  }

  /** Goes back to the place where it was before something got another size. */
  #settle() {
    if (!this.element.clientHeight || this.#sizes === this.#measured()) return;
    if (this.#sticking) this.toEnd();
    else this.#restore();
  }

  #restore() {
    if (this.#place?.node.isConnected) {
      const { node, offset, part = 0 } = this.#place;
      const { top, height } = node.getBoundingClientRect();
      const wanted = offset ?? Math.max(-part * height, IN_SIGHT_PX - height);
      this.element.scrollTop += top - this.#top - wanted;
    }
    this.#note();
  }

  /** Remembers the first child in sight: how far it stands below the top, or which part of it is above. */
  #note() {
    this.#sizes = this.#measured();
    const node = this.#sticking ? null : this.#firstInSight();
    if (!node) {
      this.#place = null;
      return;
    }
    const { top, height } = node.getBoundingClientRect();
    const offset = top - this.#top;
    this.#place = offset < 0 ? { node, part: -offset / height } : { node, offset };
  }

  #measured() {
    const { clientWidth, clientHeight } = this.element;
    return `${clientWidth} ${clientHeight} ${this.column.offsetHeight}`;
  }

  #firstInSight() {
    return firstBelow(this.list.children, this.#top);
  }
}

/**
 * The first child that ends below `top`, by bisection: they stand one under the other.
 * @param {HTMLCollection} children
 * @param {number} top
 * @returns {Element | undefined}
 */
function firstBelow(children, top) {
  let [low, high] = [0, children.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (children[middle].getBoundingClientRect().bottom <= top) low = middle + 1;
    else high = middle;
  }
  return children[low];
}
