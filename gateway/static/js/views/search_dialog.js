import { onCalendar } from "../lib/calendar.js";
import { byId, onClosed, setText } from "../lib/dom.js";
import { isComposing, isEnter } from "../lib/keys.js";
import { isolated } from "../lib/names.js";
import { plural } from "../lib/text.js";
import { short, zone } from "../lib/time.js";
import { inWords } from "../net/api.js";
import { hitNode } from "./hit.js";
import { NO_CONNECTION } from "./hits_bar.js";
import { reconcile } from "./reconcile.js";

/** @import { Search } from "../models/search.js" */
/** @import { Names } from "./hit.js" */

const TYPED_MS = 150;
const MORE_WITHIN_PX = 300;
const OFFLINE = "You are offline. This is searched for when you are back.";

/** The dialog in which messages are searched for, in the open thread or in all, and in which one goes to a day. */
export class SearchDialog {
  /** @type {string | null} the open thread */
  #thread = null;
  /** @type {number | undefined} */
  #timer;
  /** @type {SubmitEvent | null} that asked for a day last; null: nobody waits for it */
  #asked = null;

  /**
   * @param {object} parts
   * @param {Search} parts.search
   * @param {Names} parts.names
   * @param {(hit: Wire.Message) => void} parts.onChoose
   * @param {(thread: string, day: Date) => Promise<number | null>} parts.firstFrom the seq of the first message since
   * @param {(thread: string, seq: number | null) => void} parts.onDay to go to, in the open thread
   */
  constructor({ search, names, onChoose, firstFrom, onDay }) {
    this.search = search;
    this.names = names;
    this.onChoose = onChoose;
    this.firstFrom = firstFrom;
    this.onDay = onDay;
    this.dialog = byId("search", HTMLDialogElement);
    this.input = byId("search-words", HTMLInputElement);
    this.where = byId("search-where");
    this.day = byId("search-day", HTMLFormElement);
    this.date = byId("search-date", HTMLInputElement);
    this.problem = byId("search-day-problem");
    this.list = byId("search-hits");
    this.status = byId("search-status");
    this.retry = byId("search-again");
    this.#listen();
  }

  #listen() {
    byId("search-close").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    onClosed(this.dialog, () => this.#closed());
    this.dialog.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("input", () => this.#typed());
    this.where.addEventListener("change", () => this.#ask());
    this.retry.addEventListener("click", () => this.#again());
    addEventListener("online", () => this.dialog.open && this.search.again());
    for (const change of ["online", "offline"]) addEventListener(change, () => this.dialog.open && this.#draw());
    this.list.addEventListener("click", (event) => this.#clicked(event));
    this.dialog.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.day.addEventListener("submit", (event) => this.#submitted(event));
    this.search.on("change", () => this.#draw());
    onCalendar(() => this.#draw());
  }

  /** @param {string | null} username of the open thread */
  open(username) {
    this.#thread = username;
    this.where.hidden = username === null;
    this.day.hidden = username === null;
  }

  /** @param {boolean} here whether the open thread is searched, or all are */
  show(here) {
    const where = here && this.#thread !== null ? "here" : "all";
    for (const choice of this.#choices) choice.checked = choice.value === where;
    setText(this.problem, "");
    if (!this.dialog.open) {
      this.#closed();
      this.dialog.showModal();
    }
    this.input.focus();
    this.input.select();
    if (this.search.query && this.#here !== (this.search.thread !== null)) this.#ask();
    else this.#draw();
  }

  close() {
    this.#rest(); // else what was typed last is searched for while one is at a hit
    this.dialog.close();
  }

  get #choices() {
    return this.where.querySelectorAll("input");
  }

  get #links() {
    return [...this.list.querySelectorAll("a")];
  }

  get #here() {
    return this.#thread !== null && [...this.#choices].some(({ value, checked }) => checked && value === "here");
  }

  #typed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), TYPED_MS);
  }

  #rest() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #ask() {
    this.#rest();
    this.list.scrollTop = 0;
    this.search.ask(this.input.value, this.#here ? this.#thread : null);
  }

  #again() {
    this.input.focus(); // the button goes
    this.search.again();
  }

  /** Who is at one of the hits finds all of them here again. */
  #closed() {
    this.#rest();
    this.#asked = null;
    if (this.search.at) this.#draw();
    else this.search.forget();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { target, key } = event;
    if (isComposing(event) || !(target instanceof HTMLElement)) return;
    const links = this.#links;
    const at = links.indexOf(/** @type {HTMLAnchorElement} */ (target));
    if (target === this.input && isEnter(event)) this.#enter();
    else if (key === "ArrowDown" && (at >= 0 || target === this.input))
      links[Math.min(at + 1, links.length - 1)]?.focus();
    else if (key === "ArrowUp" && at >= 0) (links[at - 1] ?? this.input).focus();
    else return;
    event.preventDefault();
  }

  /** What is typed is asked for at once; what is there already is gone to. */
  #enter() {
    const { state, query, hits } = this.search;
    if (this.#timer !== undefined || query !== this.input.value.trim()) this.#ask();
    else if (state === "found" && hits[0]) this.onChoose(hits[0]);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const item = /** @type {Element} */ (event.target).closest("li");
    const hit = this.search.hits[item ? [...this.list.children].indexOf(item) : -1];
    if (!hit || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.onChoose(hit);
  }

  #scrolled() {
    const rolls = this.list.scrollHeight > this.list.clientHeight ? this.list : this.dialog;
    const { scrollHeight, scrollTop, clientHeight } = rolls;
    if (scrollHeight - scrollTop - clientHeight < MORE_WITHIN_PX) this.search.next();
  }

  /** @param {SubmitEvent} event */
  async #submitted(event) {
    event.preventDefault();
    const thread = this.#thread;
    if (thread === null) return;
    setText(this.problem, "");
    this.#asked = event;
    const isAsked = () => this.#asked === event && this.#thread === thread;
    try {
      const seq = await this.firstFrom(thread, new Date(`${this.date.value}T00:00`)); // in the reader's own zone
      if (isAsked()) this.onDay(thread, seq);
    } catch (error) {
      if (isAsked()) setText(this.problem, inWords(error));
    }
  }

  #draw() {
    const { at, query, thread, state } = this.search;
    const hits = this.dialog.open ? this.search.hits : [];
    if (!this.dialog.open && !at) this.input.value = "";
    const alone = thread !== null;
    const held = this.list.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
    reconcile(this.list, hits, {
      key: (hit) => `${hit.thread} ${hit.seq}`,
      signature: (hit) => [query, alone, hit.version, zone(), short(hit.sent_at)].join("\n"),
      node: (hit) => hitNode(hit, { query, names: this.names, alone }),
    });
    // The focus stays with its hit, drawn again for other words or because it was edited: Enter leads there.
    if (held && !this.list.contains(document.activeElement))
      (this.#links.find((link) => link.getAttribute("href") === held) ?? this.input).focus();
    setText(this.status, this.#words());
    this.retry.hidden = state !== "failed";
  }

  #words() {
    const { hits, query, state, problem, more } = this.search;
    const about = this.#here ? "Find what either of you wrote." : "Find what was written in any chat.";
    if (state === "nothing") return navigator.onLine ? about : NO_CONNECTION;
    if (state === "searching") return "Searching…";
    if (state === "failed") return navigator.onLine ? inWords(problem) : OFFLINE;
    if (!hits.length) return `No messages found for “${isolated(query)}”.`;
    return more ? `More than ${hits.length} messages found` : `${plural(hits.length, "message", "messages")} found`;
  }
}
