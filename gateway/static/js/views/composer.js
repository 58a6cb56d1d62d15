import { byId, setText } from "../lib/dom.js";
import { entersLines, isEnter, onPointerChange } from "../lib/keys.js";
import { codePoints, COUNTER_FROM_CODE_POINTS, isBlank, MAX_CODE_POINTS, normalize, plural } from "../lib/text.js";

// The relay passes one on in 3 s; a little more, so that none arrives early and is dropped.
const TYPING_EVERY_MS = 3100;
const NUMBER = new Intl.NumberFormat("en-GB");

/** Where a message is written. */
export class Composer {
  #thread = null;
  #draft = "";
  #typedAt = -Infinity;
  #typingTimer = null;

  /** onSend(thread, text); onTyping(thread): at most every 3 s. */
  constructor({ drafts, onSend, onTyping }) {
    Object.assign(this, { drafts, onSend, onTyping });
    this.form = byId("composer");
    this.input = byId("message");
    this.send = byId("send");
    this.counter = byId("counter");
    this.form.addEventListener("submit", (event) => {
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

  /** A failed message comes back, before what is typed by now. */
  edit(text) {
    if (text === null) return;
    const typed = this.input.value;
    this.#set(typed ? `${text}\n${typed}` : text);
    this.#keep(typed);
    this.focus();
    this.input.setSelectionRange(text.length, text.length);
  }

  #key(event) {
    const command = event.ctrlKey || event.metaKey;
    if (!isEnter(event) || event.shiftKey || (entersLines() && !command)) return;
    event.preventDefault();
    if (!event.repeat) this.#submit();
  }

  /** What a touch keyboard writes on the key. */
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
    this.onTyping(this.#thread);
  }

  #stopTyping() {
    clearTimeout(this.#typingTimer);
    this.#typingTimer = null;
  }

  #submit() {
    const text = normalize(this.input.value);
    if (isBlank(text) || codePoints(text) > MAX_CODE_POINTS) return;
    this.onSend(this.#thread, text);
    const before = this.#draft;
    this.#stopTyping();
    this.#set("");
    this.#keep(before);
    this.focus();
  }

  #keep(before) {
    this.drafts.change({ thread: this.#thread, before, text: this.#draft });
  }

  /** Another tab typed or sent what both showed. What was typed here since is no part of what was sent there. */
  #changedElsewhere({ thread, before, text }) {
    if (thread !== this.#thread) return;
    if (this.#draft === before) this.#set(text);
    else if (text) this.#set(this.drafts.get(thread));
    else this.#keep("");
  }

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

  /** As high as the text; the style sheet says where it ends. */
  #grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + this.input.offsetHeight - this.input.clientHeight}px`;
  }
}
