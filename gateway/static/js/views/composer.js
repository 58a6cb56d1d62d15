import { byId, setText } from "../lib/dom.js";
import { entersLines, isComposing, isEnter, onPointerChange } from "../lib/keys.js";
import { lazily } from "../lib/lazily.js";
import { COUNTER_FROM_CODE_POINTS, codePoints, isBlank, MAX_CODE_POINTS, normalize, plural } from "../lib/text.js";
import { ComposerBar } from "./composer_bar.js";
import { TypingNotice } from "./typing_notice.js";

/** @import { Change, Drafts } from "../models/drafts.js" */
/** @import { Edits } from "../models/edits.js" */
/** @import { File } from "../models/entries.js" */
/** @import { Quoted } from "../models/quotations.js" */
/** @import { Tray } from "./tray.js" */

const numbers = lazily(() => new Intl.NumberFormat("en-GB"));
/** @param {number} length */
const counted = (length) => `${numbers().format(length)} of ${numbers().format(MAX_CODE_POINTS)}`;
/** @param {number} over */
const tooMany = (over) => `${plural(over, "character", "characters")} too many`;

/** Where a message is written. */
export class Composer {
  /** @type {string | null} a username */
  #thread = null;
  #draft = "";
  /** @type {number | undefined} the seq of the message that the draft answers */
  #replyTo;

  /**
   * @param {object} parts
   * @param {Drafts} parts.drafts
   * @param {Edits} parts.edits
   * @param {Tray} parts.tray
   * @param {(thread: string, text: string, replyTo: number | undefined, files: File[]) => void} parts.onSend
   * @param {(thread: string, target: number | string, text: string) => void} parts.onEdit
   * @param {() => void} parts.onGone what was edited has been deleted meanwhile, on another device
   * @param {() => void} parts.onEditLast wanted: the last own message, to edit it
   * @param {(thread: string) => void} parts.onTyping called at most every 3 s
   * @param {(thread: string, target: number | string) => Quoted | null} parts.quoted what a message says now; null:
   *   nobody knows yet
   */
  constructor({ drafts, edits, tray, onSend, onEdit, onGone, onEditLast, onTyping, quoted }) {
    this.drafts = drafts;
    this.edits = edits;
    this.tray = tray;
    tray.onChange = () => this.#update();
    this.onSend = onSend;
    this.onEdit = onEdit;
    this.onGone = onGone;
    this.onEditLast = onEditLast;
    this.typing = new TypingNotice(() => this.#thread !== null && onTyping(this.#thread));
    this.quoted = quoted;
    this.bar = new ComposerBar(() => this.#leave());
    this.input = byId("message", HTMLTextAreaElement);
    this.send = byId("send", HTMLButtonElement);
    this.attach = byId("attach", HTMLButtonElement);
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
    this.typing.reset();
    this.#thread = username;
    this.input.disabled = username === null;
    this.attach.disabled = username === null;
    this.tray.open(username);
    this.#show();
  }

  /**
   * The thread changed: what is quoted or edited may be another text by now, or gone.
   * @param {string} username
   */
  refresh(username) {
    if (username !== this.#thread) return;
    this.#drawBar();
    if (this.#editing) this.#update();
  }

  /** @param {number} seq of the message that is to be answered */
  reply(seq) {
    if (this.#thread === null) return;
    if (this.#editing) this.#leave();
    this.#replyTo = seq;
    this.#keep(this.#draft);
    this.#drawBar();
    this.focus();
  }

  /**
   * @param {number | string} target the own message that gets another text
   * @param {string} text as it is now
   */
  edit(target, text) {
    if (this.#thread === null) return;
    this.typing.stop();
    this.edits.set(this.#thread, { target, text });
    this.#show();
    this.focus();
  }

  focus() {
    this.input.focus({ preventScroll: true });
  }

  /**
   * Takes a failed message back, above whatever has been typed since.
   * @param {string | null} text
   * @param {File[]} [files]
   */
  takeBack(text, files = []) {
    if (text === null || this.#thread === null) return;
    if (this.#editing) this.#leave();
    this.tray.put(files);
    this.focus();
    if (!text) return;
    const typed = this.input.value;
    this.#set(typed ? `${text}\n${typed}` : text);
    this.#keep(typed);
    this.input.setSelectionRange(text.length, text.length);
  }

  get #editing() {
    return this.#thread === null ? null : this.edits.get(this.#thread);
  }

  /** Back to the draft that was there, or to one that answers nothing. */
  #leave() {
    if (this.#thread !== null && !this.edits.end(this.#thread)) {
      this.#replyTo = undefined;
      this.#keep(this.#draft);
    }
    this.#show();
    this.focus();
  }

  #show() {
    const draft = this.#thread === null ? { text: "" } : this.drafts.get(this.#thread);
    this.#replyTo = draft.reply_to;
    this.#set(this.#editing?.text ?? draft.text);
    this.#drawBar();
  }

  #drawBar() {
    const editing = this.#editing;
    const target = editing?.target ?? this.#replyTo;
    const quoted = target !== undefined && this.#thread !== null ? this.quoted(this.#thread, target) : null;
    if (editing && quoted?.text === null) {
      this.#leave();
      this.onGone();
    } else this.bar.draw(quoted && (editing ? "edit" : "reply"), quoted);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isComposing(event)) return;
    const busy = this.#editing !== null || this.#replyTo !== undefined;
    if (event.key === "Escape" && busy) {
      event.preventDefault();
      this.#leave();
    }
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
    if (event.key === "ArrowUp" && plain && !this.input.value && !busy) {
      event.preventDefault();
      this.onEditLast();
    }
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
    if (isBlank(this.input.value) || this.#editing) this.typing.stop();
    else this.typing.notice();
  }

  #submit() {
    const text = normalize(this.input.value);
    if (this.#thread === null || !this.#isSendable(text)) return;
    const editing = this.#editing;
    if (editing) {
      const before = this.quoted(this.#thread, editing.target)?.text;
      this.#leave();
      const after = isBlank(text) ? "" : text;
      if (after !== before) this.onEdit(this.#thread, editing.target, after);
      return;
    }
    this.onSend(this.#thread, isBlank(text) ? "" : text, this.#replyTo, this.tray.take());
    const before = this.#draft;
    this.typing.stop();
    this.#replyTo = undefined;
    this.#drawBar();
    this.#set("");
    this.#keep(before);
    this.focus();
  }

  /** @param {string} text */
  #isSendable(text) {
    return !(this.tray.waits || (isBlank(text) && !this.#hasFiles) || codePoints(text) > MAX_CODE_POINTS);
  }

  /** Whether what is written needs no words. */
  get #hasFiles() {
    const editing = this.#editing;
    if (!editing || this.#thread === null) return this.tray.any;
    return this.quoted(this.#thread, editing.target)?.bare === false;
  }

  /** @param {string} before what was typed until now */
  #keep(before) {
    const [thread, text] = [this.#thread, this.#draft];
    if (thread === null) return;
    if (this.#editing) this.edits.set(thread, { ...this.#editing, text });
    else this.drafts.change({ thread, before, text, reply_to: this.#replyTo });
  }

  /**
   * Another tab typed or sent what both showed. What was typed here since is not part of what was sent there.
   * @param {Change} change
   */
  #changedElsewhere({ thread, before, text, reply_to }) {
    if (thread !== this.#thread || this.#editing) return;
    if (this.#draft !== before && !text) {
      this.#keep("");
      return;
    }
    this.#replyTo = reply_to;
    this.#set(text);
    this.#drawBar();
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
    this.tray.rest(this.#editing !== null);
    this.attach.disabled = this.#thread === null || this.#editing !== null;
    this.send.disabled = !this.#isSendable(text);
    this.counter.hidden = length < COUNTER_FROM_CODE_POINTS;
    this.counter.classList.toggle("over", over > 0);
    if (!this.counter.hidden) setText(this.counter, over > 0 ? tooMany(over) : counted(length));
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
