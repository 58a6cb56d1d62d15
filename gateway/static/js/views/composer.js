import { byId, setText } from "../lib/dom.js";
import { entersLines, isEnter, onPointerChange } from "../lib/keys.js";
import { COUNTER_FROM_CODE_POINTS, codePoints, isBlank, MAX_CODE_POINTS, normalize, plural } from "../lib/text.js";

/** @import { Change, Drafts } from "../models/drafts.js" */

// The relay passes on one every 3 s; a little longer than that, so that none arrives early and is dropped.
const TYPING_EVERY_MS = 3100;
const NUMBER = new Intl.NumberFormat("en-GB");

/** Where a message is written. */
export class Composer {
  /** @type {string | null} a username */
  #thread = null;
  #draft = "";
  #typedAt = -Infinity;
  /** @type {number | null} */
  #typingTimer = null;

  /**
   * @param {object} parts
   * @param {Drafts} parts.drafts
   * @param {(thread: string, text: string) => void} parts.onSend
   * @param {(thread: string) => void} parts.onTyping called at most every 3 s
   */
  constructor({ drafts, onSend, onTyping }) {
    this.drafts = drafts;
    this.onSend = onSend;
    this.onTyping = onTyping;
    this.input = byId("message", HTMLTextAreaElement);
    this.send = byId("send", HTMLButtonElement);
    this.counter = byId("counter");
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("input", () => this.#typed());
    drafts.on("change", (change) => this.#changedElsewhere(change));
    onPointerChange(() => this.#nameEnter());
    this.#nameEnter();
    addEventListener("resize", () => this.#grow(), { passive: true });
  }

  /** @param {string | null} username */
  open(username) {
    this.#stopTyping();
    this.#thread = username;
    this.#typedAt = -Infinity;
    this.input.disabled = username === null;
    this.#set(username === null ? "" : this.drafts.get(username));
  }

  focus() {
    this.input.focus({ preventScroll: true });
  }

  /**
   * Takes a failed message back, above whatever has been typed since.
   * @param {string | null} text
   */
  edit(text) {
    if (text === null || this.#thread === null) return;
    const typed = this.input.value;
    this.#set(typed ? `${text}\n${typed}` : text);
    this.#keep(typed);
    this.focus();
    this.input.setSelectionRange(text.length, text.length);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const command = event.ctrlKey || event.metaKey;
    if (!isEnter(event) || event.shiftKey || (entersLines() && !command)) return;
    event.preventDefault();
    if (!event.repeat) this.#submit();
  }

  /** Tells a touch keyboard what to write on its Enter key. */
  #nameEnter() {
    this.input.enterKeyHint = entersLines() ? "enter" : "send";
  }

  #typed() {
    const before = this.#draft;
    this.#draft = this.input.value;
    this.#keep(before);
    this.#update();
    if (isBlank(this.input.value)) this.#stopTyping();
    else this.#typing();
  }

  #typing() {
    const wait = this.#typedAt + TYPING_EVERY_MS - performance.now();
    if (wait > 0) {
      this.#typingTimer ??= setTimeout(() => {
        this.#typingTimer = null;
        this.#typing();
      }, wait);
      return;
    }
    this.#typedAt = performance.now();
    if (this.#thread !== null) this.onTyping(this.#thread);
  }

  #stopTyping() {
    clearTimeout(this.#typingTimer ?? undefined);
    this.#typingTimer = null;
  }

  #submit() {
    const text = normalize(this.input.value);
    if (this.#thread === null || isBlank(text) || codePoints(text) > MAX_CODE_POINTS) return;
    this.onSend(this.#thread, text);
    const before = this.#draft;
    this.#stopTyping();
    this.#set("");
    this.#keep(before);
    this.focus();
  }

  /** @param {string} before what was typed until now */
  #keep(before) {
    if (this.#thread !== null) this.drafts.change({ thread: this.#thread, before, text: this.#draft });
  }

  /**
   * Another tab typed or sent what both showed. What was typed here since is not part of what was sent there.
   * @param {Change} change
   */
  #changedElsewhere({ thread, before, text }) {
    if (thread !== this.#thread) return;
    if (this.#draft === before || text) this.#set(text);
    else this.#keep("");
  }

  /** @param {string} text */
  #set(text) {
    this.input.value = text;
    this.#draft = this.input.value;
    this.#update();
  }

  #update() {
    const text = normalize(this.input.value);
    const length = text.length < COUNTER_FROM_CODE_POINTS ? 0 : codePoints(text);
    const over = length - MAX_CODE_POINTS;
    this.send.disabled = isBlank(text) || over > 0;
    this.counter.hidden = length < COUNTER_FROM_CODE_POINTS;
    this.counter.classList.toggle("over", over > 0);
    const words = `${NUMBER.format(length)} of ${NUMBER.format(MAX_CODE_POINTS)}`;
    setText(this.counter, over > 0 ? `${plural(over, "character", "characters")} too many` : words);
    if (over > 0) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
    this.#grow();
  }

  /** Makes the field as high as its text, up to the limit in the style sheet. */
  #grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + this.input.offsetHeight - this.input.clientHeight}px`;
  }
}
