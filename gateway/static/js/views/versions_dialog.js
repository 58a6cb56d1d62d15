import { byId, el, onClosed, setText } from "../lib/dom.js";
import { clock, day, full } from "../lib/time.js";
import { inWords } from "../net/api.js";

/** @import { MessageItem } from "./items.js" */

/** @typedef {{ thread: string, seq: number, text: string, changing: boolean }} About a message, as it is shown */

/** The dialog with the texts that a message had, oldest first. */
export class VersionsDialog {
  /** @type {About | null} */
  #about = null;

  /** @param {(thread: string, seq: number) => Promise<Wire.MessageHistory>} load */
  constructor(load) {
    this.load = load;
    this.dialog = byId("versions", HTMLDialogElement);
    this.list = byId("versions-list");
    this.status = byId("versions-status");
    byId("versions-close").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    onClosed(this.dialog, () => {
      this.#about = null;
      this.list.replaceChildren(); // what is deleted next stays nowhere
    });
  }

  /**
   * @param {string} thread
   * @param {number} seq
   * @param {Pick<MessageItem, "text" | "changing">} now
   */
  show(thread, seq, { text, changing }) {
    setText(this.status, "Loading…");
    this.list.replaceChildren();
    this.dialog.showModal();
    this.#fill({ thread, seq, text, changing });
  }

  /** @param {About} about */
  async #fill(about) {
    this.#about = about;
    try {
      const { texts } = await this.load(about.thread, about.seq);
      if (about !== this.#about) return;
      setText(this.status, "");
      this.list.replaceChildren(...texts.map((past, index) => row(past, index === texts.length - 1)));
    } catch (error) {
      if (about === this.#about) setText(this.status, inWords(error));
    }
  }

  /**
   * The thread changed.
   * @param {string} thread
   * @param {(seq: number) => MessageItem | null} find
   */
  refresh(thread, find) {
    const about = this.#about;
    const item = about?.thread === thread ? find(about.seq) : null;
    if (!about || !item) return;
    if (item.deleted) this.dialog.close();
    else if (!item.changing && (about.changing || item.text !== about.text))
      this.#fill({ ...about, text: item.text, changing: false });
  }
}

/**
 * @param {Wire.PastText} past
 * @param {boolean} current
 */
function row({ text, at }, current) {
  const when = el("time", { datetime: at, title: full(at) }, `${day(at)}, ${clock(at)}`);
  return el(
    "li",
    {},
    el("p", { class: "hint" }, when, current ? " · now" : null),
    text ? el("p", { class: "past-text", dir: "auto" }, text) : el("p", { class: "hint" }, "No words"),
  );
}
