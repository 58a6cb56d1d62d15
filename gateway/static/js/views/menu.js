import { byId } from "../lib/dom.js";

const GAP_PX = 4;
const EDGE_PX = 8;
/** @type {Record<string, (at: number, count: number) => number>} where a key goes from an item */
const MOVES = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at + count - 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/**
 * What can be done with something, one under the other, beside the button that opened it.
 * @template {string} Action
 */
export class Menu {
  /** @type {HTMLElement | null} the button it belongs to, while it is open */
  #opener = null;

  /**
   * @param {object} parts
   * @param {string} parts.id of the menu; its items have their actions in data-action
   * @param {HTMLElement} parts.scroller what its button is in: it goes with that, as far as that is in sight
   * @param {(button: HTMLElement, action: Action) => void} parts.onChoose
   */
  constructor({ id, scroller, onChoose }) {
    this.onChoose = onChoose;
    this.menu = byId(id);
    this.items = /** @type {HTMLElement[]} */ ([...this.menu.querySelectorAll("[role=menuitem]")]);
    this.menu.addEventListener("click", (event) => this.#clicked(event));
    this.menu.addEventListener("keydown", (event) => this.#key(event));
    this.menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget instanceof Node && !this.menu.contains(event.relatedTarget)) this.close();
    });
    addEventListener("pointerdown", (event) => this.#pressed(event), { capture: true });
    this.scroller = scroller;
    scroller.addEventListener("scroll", () => this.follow(), { passive: true });
    addEventListener("resize", () => this.follow(), { passive: true });
  }

  /**
   * @param {HTMLElement} button
   * @param {Set<Action>} actions
   */
  open(button, actions) {
    this.close();
    this.#opener = button;
    for (const item of this.items) item.hidden = !actions.has(/** @type {Action} */ (item.dataset.action));
    button.setAttribute("aria-expanded", "true");
    this.menu.showPopover();
    this.#place(button);
    this.#shown[0]?.focus({ preventScroll: true });
  }

  /** Closes it where it is open; the focus goes back where it came from if it is still in here. */
  close() {
    const opener = this.#opener;
    if (!opener) return;
    this.#opener = null;
    const held = this.menu.contains(document.activeElement);
    opener.setAttribute("aria-expanded", "false");
    if (held) opener.focus({ preventScroll: true });
    this.menu.hidePopover();
  }

  /** Stays beside its button where that moves; closes where it goes. */
  follow() {
    if (!this.#opener) return;
    const [view, at] = [this.scroller.getBoundingClientRect(), this.#opener.getBoundingClientRect()];
    if (at.height && at.top < view.bottom && at.bottom > view.top) this.#place(this.#opener);
    else this.close();
  }

  /** @param {HTMLElement} button */
  isOpenFor(button) {
    return this.#opener === button;
  }

  get #shown() {
    return this.items.filter((item) => !item.hidden);
  }

  /**
   * Beside the button, on the side that has room, and never over the edge.
   * @param {HTMLElement} button
   */
  #place(button) {
    const at = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.menu;
    const below = at.bottom + GAP_PX + height < innerHeight - EDGE_PX;
    const top = below ? at.bottom + GAP_PX : at.top - GAP_PX - height;
    const left = at.left + width < innerWidth - EDGE_PX ? at.left : at.right - width;
    this.menu.style.top = `${Math.max(EDGE_PX, Math.min(top, innerHeight - EDGE_PX - height))}px`;
    this.menu.style.left = `${Math.max(EDGE_PX, Math.min(left, innerWidth - EDGE_PX - width))}px`;
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    /** @type {HTMLElement | null} */
    const item = /** @type {Element} */ (event.target).closest("[role=menuitem]");
    const opener = this.#opener;
    this.close();
    if (item && opener) this.onChoose(opener, /** @type {Action} */ (item.dataset.action));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const shown = this.#shown;
    const at = shown.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (event.key in MOVES) shown[MOVES[event.key](at, shown.length)].focus();
    else if (event.key === "Escape" || event.key === "Tab") this.close();
    else if (event.key.length === 1 && event.key.trim()) this.#initial(event.key, at);
    else return;
    event.preventDefault();
  }

  /**
   * The next item that begins with the letter.
   * @param {string} letter
   * @param {number} at
   */
  #initial(letter, at) {
    const shown = this.#shown;
    const round = [...shown.slice(at + 1), ...shown.slice(0, at + 1)];
    round.find((item) => item.textContent.trim().toLowerCase().startsWith(letter.toLowerCase()))?.focus();
  }

  /** @param {PointerEvent} event */
  #pressed(event) {
    const target = /** @type {Node} */ (event.target);
    if (!this.menu.contains(target) && !this.#opener?.contains(target)) this.close();
  }
}
