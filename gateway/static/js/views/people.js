import { AI_THREAD } from "../games/models/state.js";
import { avatar } from "../lib/avatar.js";
import { onCalendar } from "../lib/calendar.js";
import { byId, el, hidden, onClosed, setText } from "../lib/dom.js";
import { isComposing, isEnter } from "../lib/keys.js";
import { isolated } from "../lib/names.js";
import { lastSeen } from "../lib/time.js";
import { inWords, users } from "../net/api.js";

/** @typedef {Wire.Me & Partial<Wire.UserItem>} Person */

const PAGE = 40;
const TYPED_MS = 150;
const MORE_WITHIN_PX = 300;
/** @type {Record<string, number>} rows that a key moves on */
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

/** The dialog that starts a chat: search, arrow keys, Enter. */
export class PeopleView {
  /** @type {Wire.UserItem[]} */
  #people = [];
  /** @type {string | null} a cursor */
  #next = null;
  #active = -1;
  #chosenEarly = false;
  /** @type {AbortController | null} of the first page */
  #request = null;
  #settled = false;
  /** @type {number | undefined} */
  #timer;

  /** @param {{ onChoose: (person: Person) => void }} does */
  constructor({ onChoose }) {
    this.onChoose = onChoose;
    this.dialog = byId("people", HTMLDialogElement);
    this.input = byId("people-search", HTMLInputElement);
    this.list = byId("people-list");
    this.status = byId("people-status");
    byId("people-close").addEventListener("click", () => this.dialog.close());
    byId("people-ai").addEventListener("click", () => {
      this.dialog.close();
      this.onChoose({ username: AI_THREAD, display_name: "Tic-tac-toe AI" });
    });
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    onClosed(this.dialog, () => this.#request?.abort());
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("click", (event) => this.#clicked(event));
    this.list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    onCalendar(() => this.#drawAgain());
  }

  show() {
    this.input.value = "";
    this.#outdate();
    this.dialog.showModal();
    this.input.focus();
    this.#search();
  }

  #typed() {
    this.#outdate();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#search(), TYPED_MS);
  }

  /** The people listed are not the ones asked for: Enter waits for those. */
  #outdate() {
    this.#request?.abort();
    this.#request = null;
    this.#chosenEarly = false;
    this.#activate(-1);
  }

  async #search() {
    this.#request = new AbortController();
    this.#settled = false;
    const { signal } = this.#request;
    const query = this.input.value.trim();
    try {
      const page = await users({ query, limit: PAGE }, signal);
      this.#people = [];
      this.list.replaceChildren();
      this.#add(page);
      this.#activate(this.#people.length ? 0 : -1);
      this.list.scrollTop = 0;
      const nobody = query ? `Nobody found for “${isolated(query)}”.` : "Nobody else is here yet.";
      setText(this.status, this.#people.length ? "" : nobody);
      if (this.#chosenEarly) this.#choose(0);
    } catch (error) {
      if (signal.aborted) return;
      setText(this.status, inWords(error));
    }
    this.#chosenEarly = false;
    this.#settled = true;
  }

  async #more() {
    const request = this.#request;
    if (!this.#next || !request || !this.#settled) return;
    const cursor = this.#next;
    this.#next = null;
    try {
      this.#add(await users({ query: this.input.value.trim(), cursor, limit: PAGE }, request.signal));
      setText(this.status, "");
    } catch (error) {
      if (request.signal.aborted) return;
      this.#next = cursor; // for who scrolls on
      setText(this.status, inWords(error));
    }
  }

  /** @param {Wire.Users} page */
  #add({ users: people, next }) {
    const first = this.#people.length;
    this.#people.push(...people);
    this.#next = next;
    this.list.append(...people.map((person, index) => option(person, first + index)));
    this.input.setAttribute("aria-expanded", String(this.#people.length > 0));
  }

  #drawAgain() {
    this.list.replaceChildren(...this.#people.map(option));
    this.#activate(this.#active);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isComposing(event)) return;
    if (event.key in STEPS) {
      const last = this.#people.length - 1;
      this.#activate(Math.max(Math.min(0, last), Math.min(last, this.#active + STEPS[event.key])));
    } else if (isEnter(event)) {
      // The Enter that opened the list may still be held.
      if (!event.repeat) this.#enter();
    } else return;
    event.preventDefault();
  }

  #enter() {
    if (this.#request && this.#settled) this.#choose(this.#active);
    else this.#chosenEarly = true;
  }

  /** @param {number} index */
  #activate(index) {
    this.list.children[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = index;
    const option = this.list.children[index];
    if (!option) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    if (scrollHeight - scrollTop - clientHeight < MORE_WITHIN_PX) this.#more();
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const chosen = /** @type {Element} */ (event.target).closest("[role=option]");
    if (chosen) this.#choose([...this.list.children].indexOf(chosen));
  }

  /** @param {number} index */
  #choose(index) {
    const person = this.#people[index];
    if (!person) return;
    this.dialog.close();
    this.onChoose(person);
  }
}

/**
 * @param {Wire.UserItem} person
 * @param {number} index
 */
function option(person, index) {
  const { username, display_name, online, last_seen } = person;
  const presence = online ? "online" : lastSeen(last_seen);
  return el(
    "li",
    { class: "person", role: "option", id: `person-${index}`, "aria-selected": "false" },
    el("span", { class: "face" }, avatar(username, display_name), online ? el("span", { class: "dot" }) : null),
    el("span", { class: "person-name", dir: "auto" }, display_name, hidden(", ")),
    el("span", { class: "person-about" }, [`@${username}`, presence].filter(Boolean).join(" · ")),
  );
}
