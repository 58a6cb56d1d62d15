/** @import { Sight } from "../models/runs.js" */
/** @import { Note } from "./note.js" */
/** @import { Scroller } from "./scroller.js" */
/** @typedef {{ seq: number | null, offset: number, part: string }} Place seq null: the end; part: what has the focus */

const MARKED_MS = 2000;

/** Where one is in the open thread's log, and how one gets elsewhere. */
export class Places {
  /**
   * @param {object} parts
   * @param {HTMLElement} parts.log
   * @param {HTMLElement} parts.list
   * @param {Scroller} parts.scroller
   * @param {(seq: number) => Promise<boolean | null>} parts.reach shows what is around that; whether that went well,
   *   null: another place is wanted by now
   * @param {() => void} parts.toEnd
   * @param {Note} parts.note
   */
  constructor({ log, list, scroller, reach, toEnd, note }) {
    this.log = log;
    this.list = list;
    this.scroller = scroller;
    this.reach = reach;
    this.toEnd = toEnd;
    this.note = note;
  }

  /**
   * The messages in sight.
   * @returns {Sight}
   */
  get sight() {
    const { first, last } = this.scroller.inSight;
    const [above, below] = [seqFrom(first, "nextElementSibling"), seqFrom(last, "previousElementSibling")];
    return this.scroller.nearEnd || above === null || below === null ? null : { first: above, last: below };
  }

  /**
   * Where the focus is, if that is in sight; else where one reads.
   * @returns {Place}
   */
  get here() {
    const held = document.activeElement?.closest("li.message[data-seq]");
    const node = held && this.isSeen(seqOf(held)) ? held : null;
    if (!node && this.scroller.nearEnd) return { seq: null, offset: 0, part: "" };
    const { first, offset } = this.scroller.inSight;
    const part = document.activeElement?.matches(".quote") ? ".quote" : "";
    const top = node ? node.getBoundingClientRect().top - this.log.getBoundingClientRect().top : offset;
    return { seq: node ? seqOf(node) : seqFrom(first ?? null, "nextElementSibling"), offset: top, part };
  }

  /**
   * Brings a message into sight, marks it for a moment, and gives it the focus. False where it cannot be loaded, null
   * where somebody wanted another place meanwhile.
   * @param {number} seq
   */
  async go(seq) {
    const reached = await this.#load(seq);
    if (!reached) return reached;
    const node = this.#node(seq) ?? this.list.querySelector("li.message[data-seq]");
    if (!node) return false;
    this.scroller.toNode(node);
    focus(node);
    node.classList.add("found");
    setTimeout(() => node.classList.remove("found"), MARKED_MS);
    return true;
  }

  /**
   * Back to where one was before. False where that cannot be loaded.
   * @param {Place} place
   */
  async back({ seq, offset, part }) {
    if (seq === null) {
      this.log.focus({ preventScroll: true });
      this.toEnd();
      return true;
    }
    const reached = await this.#load(seq);
    const node = reached ? this.#node(seq) : null;
    if (node) {
      this.scroller.toNode(node, 0, offset);
      focus(node, part);
    }
    return reached !== false;
  }

  /**
   * As `reach`, and says where it fails.
   * @param {number} seq
   */
  async #load(seq) {
    this.note.clear();
    const reached = await this.reach(seq);
    if (reached === false) this.note.complain("That message could not be loaded.");
    return reached;
  }

  /** @param {number | null} seq null: the end */
  isSeen(seq) {
    if (seq === null) return this.scroller.nearEnd;
    const node = this.#node(seq);
    if (!node) return false;
    const [log, own] = [this.log.getBoundingClientRect(), node.getBoundingClientRect()];
    return own.bottom > log.top && own.top < log.bottom;
  }

  /**
   * @param {number} seq
   * @returns {HTMLElement | null}
   */
  #node(seq) {
    return this.list.querySelector(`.message[data-seq="${seq}"]`);
  }
}

/** @param {Element | null} node */
const seqOf = (node) => Number(/** @type {HTMLElement | null} */ (node)?.dataset.seq ?? 0) || null;

/**
 * The seq of a message, or of the nearest one in that direction.
 * @param {Element | null | undefined} node
 * @param {"nextElementSibling" | "previousElementSibling"} direction
 */
function seqFrom(node, direction) {
  let at = node ?? null;
  while (at && seqOf(at) === null) at = at[direction];
  return seqOf(at);
}

/**
 * Gives the focus to a message, which is then read out as a whole, or to a part of it.
 * @param {HTMLElement} node
 * @param {string} [part] a selector
 */
function focus(node, part) {
  /** @type {HTMLElement | null} */
  const target = part ? node.querySelector(part) : null;
  if (!target) {
    node.tabIndex = -1;
    node.addEventListener("blur", () => node.removeAttribute("tabindex"), { once: true });
  }
  (target ?? node).focus({ preventScroll: true });
}
