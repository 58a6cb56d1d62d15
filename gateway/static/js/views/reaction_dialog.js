import { byId, el, setText } from "../lib/dom.js";
import { noteUsed, recent } from "../lib/emoji.js";
import { drawable, latelyFirst, noteTone, search, tone, toned } from "../lib/emoji_search.js";
import { entersLines, isEnter } from "../lib/keys.js";
import { isolated } from "../lib/names.js";

/** @import { Emoji } from "../lib/emoji_search.js" */

const AT_ONCE = 240;
const MORE_WITHIN_PX = 300;

/** The dialog in which one emoji is chosen: from the six used lately, or by its name from all. */
export class ReactionDialog {
  /** @type {Emoji[] | null} fetched when it is opened first */
  #all = null;
  /** @type {Emoji[]} found, and not drawn yet */
  #rest = [];
  /** @type {(emoji: string) => void} */
  #choose = () => {};
  /** @type {string | null} */
  #own = null;
  /** What was pressed in the field before there was anything to choose from: it waits for that. */
  #early = "";

  /** @param {string} me */
  constructor(me) {
    this.me = me;
    this.dialog = byId("react", HTMLDialogElement);
    this.recent = byId("react-recent");
    this.input = byId("react-search", HTMLInputElement);
    this.tone = byId("react-tone", HTMLSelectElement);
    this.found = byId("react-found");
    this.status = byId("react-status");
    byId("react-close").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("click", (event) => this.#clicked(event));
    this.dialog.addEventListener("keydown", (event) => this.#key(event));
    this.tone.addEventListener("change", () => {
      noteTone(me, this.tone.value);
      this.#draw();
    });
    this.input.addEventListener("input", () => {
      this.#early = "";
      this.#draw();
    });
    this.found.addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  /**
   * @param {string | null} own the emoji that one has given already
   * @param {(emoji: string) => void} choose
   */
  show(own, choose) {
    this.#own = own;
    this.#choose = choose;
    this.input.value = "";
    this.#early = "";
    this.tone.value = tone(this.me);
    this.#draw();
    this.dialog.showModal();
    // A touch keyboard would cover what most people look for.
    if (entersLines()) /** @type {HTMLElement} */ (this.recent.firstElementChild).focus();
    else this.input.focus();
    if (!this.#all) this.#load();
  }

  async #load() {
    setText(this.status, "Loading…");
    try {
      const answer = await fetch(this.dialog.dataset.emoji ?? "");
      this.#all = drawable((await answer.json()).emoji);
    } catch {
      setText(this.status, "The emoji could not be loaded. Close this and try again.");
      return;
    }
    this.#draw();
    if (this.dialog.open) this.#typed(this.#early);
  }

  #draw() {
    const query = this.input.value;
    const named = new Map(this.#all?.map((each) => [each[0], each[1]]));
    this.recent.replaceChildren(...recent(this.me).map((emoji) => this.#button(emoji, named.get(emoji) ?? "")));
    if (!this.#all) return;
    this.#rest = query.trim() ? search(latelyFirst(this.#all, this.me), query) : [...this.#all];
    setText(this.status, this.#rest.length ? "" : `No emoji for “${isolated(query.trim())}”.`);
    this.found.replaceChildren();
    this.found.scrollTop = 0;
    this.#more();
  }

  #more() {
    const next = this.#rest.splice(0, AT_ONCE);
    this.found.append(...next.map(([emoji, name]) => this.#button(toned(emoji, this.tone.value), name)));
    const first = this.found.querySelector("button");
    if (first && !this.found.querySelector("[tabindex='0']")) first.tabIndex = 0;
  }

  /**
   * @param {string} emoji
   * @param {string} name
   */
  #button(emoji, name) {
    const named = { "aria-label": `${emoji} ${name}`.trim(), title: name };
    const pressed = emoji === this.#own ? "true" : null;
    const button = el("button", {
      type: "button",
      class: "emoji-choice",
      "data-emoji": emoji,
      "aria-pressed": pressed,
      ...named,
    });
    button.tabIndex = -1;
    button.append(el("span", { "aria-hidden": "true" }, emoji));
    return button;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.found;
    if (this.#rest.length && scrollHeight - scrollTop - clientHeight < MORE_WITHIN_PX) this.#more();
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target === this.dialog) this.dialog.close();
    /** @type {HTMLElement | null} */
    const button = target.closest("[data-emoji]:not(dialog)");
    if (button) this.#chosen(button.dataset.emoji ?? "");
  }

  /** @param {string} emoji */
  #chosen(emoji) {
    noteUsed(this.me, emoji);
    this.dialog.close();
    this.#choose(emoji);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const from = /** @type {HTMLElement} */ (event.target);
    const group = from.parentElement;
    const typed = from === this.input && (isEnter(event) || event.key === "ArrowDown");
    if (typed && event.repeat)
      event.preventDefault(); // the key that opened this may still be held
    else if (typed && this.#all) this.#typed(event.key);
    else if (typed) this.#early = event.key;
    else if (group === this.recent || group === this.found) return this.#arrow(event, from, group);
    else return;
    event.preventDefault();
  }

  /**
   * The first one found is chosen, or gets the focus.
   * @param {string} key
   */
  #typed(key) {
    const first = this.found.querySelector("button");
    if (key === "Enter" && first && this.input.value.trim()) this.#chosen(first.dataset.emoji ?? "");
    else if (key === "ArrowDown" && first) this.#move(first);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {HTMLElement} from
   * @param {HTMLElement} group
   */
  #arrow(event, from, group) {
    const buttons = /** @type {HTMLElement[]} */ ([...group.children]);
    const columns = getComputedStyle(group).gridTemplateColumns.split(" ").length;
    /** @type {Record<string, number>} */
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = buttons[buttons.indexOf(from) + steps[event.key]];
    if (next) this.#move(next);
    else if ((group === this.found) === (event.key === "ArrowUp")) this.input.focus();
  }

  /** @param {HTMLElement} button */
  #move(button) {
    for (const each of button.parentElement?.querySelectorAll("[tabindex='0']") ?? [])
      each.setAttribute("tabindex", "-1");
    button.tabIndex = 0;
    button.focus();
  }
}
