import { byId, setText } from "../lib/dom.js";
import { excerpt } from "./message_parts.js";

/** @import { Drafts } from "../models/drafts.js" */

/** What another app gave to Duet: it waits above the list of chats, and goes into the composer of the one that is chosen. */
export class Shared {
  #text;

  /** @param {{ drafts: Drafts, text: string }} parts text: "" for none */
  constructor({ drafts, text }) {
    this.drafts = drafts;
    this.#text = text;
    this.bar = byId("shared");
    byId("shared-drop").addEventListener("click", () => {
      this.#set("");
      byId("inbox-title").focus();
    });
    this.#set(text);
  }

  /** @param {string | null} username */
  open(username) {
    if (username === null || !this.#text) return;
    const { text: before, reply_to } = this.drafts.get(username);
    this.drafts.change({ thread: username, before, text: before ? `${before}\n${this.#text}` : this.#text, reply_to });
    this.#set("");
  }

  /** @param {string} text */
  #set(text) {
    this.#text = text;
    this.bar.hidden = !text;
    if (text) setText(byId("shared-text"), excerpt(text));
  }
}
