import { linkTo } from "../lib/address.js";
import { summary } from "../lib/attached.js";
import { byId, setText } from "../lib/dom.js";
import { HEART, noteUsed } from "../lib/emoji.js";
import { isolated } from "../lib/names.js";
import { Part } from "../lib/part.js";
import { textOf } from "../models/entries.js";
import { MessageGestures } from "./message_gestures.js";
import { MessageKeys } from "./message_keys.js";
import { actionsFor, messageMenu } from "./message_menu.js";
import { excerpt } from "./message_parts.js";
import { Question } from "./question.js";

/** @import { ChangeFrame } from "../models/changes.js" */
/** @import { Deletions } from "../models/deletions.js" */
/** @import { Outbox } from "../models/outbox.js" */
/** @import { Store } from "../models/store.js" */
/** @import { Composer } from "./composer.js" */
/** @import { Item, MessageItem } from "./items.js" */
/** @import { Action } from "./message_menu.js" */
/** @import { Note } from "./note.js" */

/** What people do with messages that are there, from the log of the open thread. */
export class MessageActions {
  /** @type {string | null} the peer's username */
  #thread = null;
  /** @type {number | null} the seq of the message that somebody wanted to do something with last */
  #about = null;

  /**
   * @param {object} parts
   * @param {string} parts.me
   * @param {HTMLElement} parts.log
   * @param {HTMLElement} parts.list
   * @param {Store} parts.store
   * @param {Outbox} parts.outbox
   * @param {Deletions} parts.deletions
   * @param {Composer} parts.composer
   * @param {(seq: number) => void} parts.goTo shows a message
   * @param {(thread: string, seq: number) => Promise<Wire.MessageHistory>} parts.versionsOf
   * @param {() => Item[]} parts.items what the log shows
   * @param {(username: string) => Record<string, string>} parts.namesOf the display names of a thread's two members
   * @param {Note} parts.note
   * @param {(item: MessageItem, place: number) => void} parts.onView wants to see a photo large
   */
  constructor(parts) {
    const { me, log, list, store, outbox, deletions, composer, goTo, versionsOf, items, namesOf, note, onView } = parts;
    const complain = (/** @type {string} */ words) => note.complain(words);
    this.me = me;
    this.outbox = outbox;
    this.deletions = deletions;
    this.composer = composer;
    this.goTo = goTo;
    this.items = items;
    this.namesOf = namesOf;
    this.note = note;
    this.onView = onView;
    this.news = byId("message-news");
    this.keys = new MessageKeys(list);
    this.reactions = new Part(async () => {
      const { ReactionDialog } = await import("./reaction_dialog.js");
      return new ReactionDialog(me);
    }, complain);
    this.reactions.near(byId("message-menu"), "[data-action=react]");
    this.versions = new Part(async () => {
      const { VersionsDialog } = await import("./versions_dialog.js");
      return new VersionsDialog(versionsOf);
    }, complain);
    this.versions.near(list, "[data-do=versions]");
    this.deletion = new Question("delete-message", "delete");
    this.menu = messageMenu(log, (button, action) => this.#chosen(button, action));
    new MessageGestures({
      list,
      onLongPress: (bubble) => this.#menu(bubble),
      onTwice: (bubble) => this.#heart(bubble),
    });
    list.addEventListener("click", (event) => this.#clicked(event));
    store.on("change", (frame) => this.#changed(frame));
  }

  /** @param {string | null} username */
  open(username) {
    this.menu.close();
    this.note.clear();
    setText(this.news, "");
    this.#thread = username;
  }

  /** The log has been drawn. */
  update() {
    this.keys.update();
    this.menu.follow();
    const thread = this.#thread;
    if (thread !== null) this.versions.made?.refresh(thread, (seq) => this.#item(seq));
  }

  /**
   * Said by a screen reader, once, also when it is the same as before.
   * @param {string} words
   */
  say(words) {
    this.news.replaceChildren(words);
  }

  /**
   * Whether it is deleted in a moment, unless somebody undoes it.
   * @param {MessageItem} item
   */
  isGoing({ key }) {
    return this.#thread !== null && this.deletions.has(this.#thread, key);
  }

  /** Takes the last own message into the composer. */
  editLast() {
    const own = this.items().filter((item) => item.kind === "message" && item.own && this.#stands(item));
    const last = /** @type {MessageItem | undefined} */ (own.at(-1));
    if (last) this.#edit(last);
  }

  /**
   * Goes on with what was refused before, where it was.
   * @param {MessageItem} item
   */
  #edit({ seq, client_id: own, text, failedChange, failedKind }) {
    const failed = this.outbox.of(this.#thread ?? "").find(({ client_id }) => client_id === failedChange);
    this.composer.edit(seq ?? own, failed && failedKind === "edit" ? textOf(failed) : text);
  }

  /**
   * Whether it is there: neither deleted nor refused.
   * @param {MessageItem} item
   */
  #stands(item) {
    return !item.deleted && item.state !== "failed" && !this.isGoing(item);
  }

  /**
   * @param {number} seq
   * @returns {MessageItem | null}
   */
  #item(seq) {
    const found = this.items().find((item) => item.kind === "message" && item.seq === seq);
    return found?.kind === "message" ? found : null;
  }

  /**
   * Says the peer's reaction: what the log itself would say of it is the whole message.
   * @param {ChangeFrame} frame
   */
  #changed({ thread, sender, kind, body }) {
    if (kind === "delete") setText(this.news, ""); // it may have quoted that
    if (kind === "delete" && thread === this.#thread && body.target === this.#about) this.#closeAll();
    const item = thread === this.#thread && sender !== this.me && kind === "reaction" && this.#item(body.target);
    if (!item || !body.emoji) return;
    const name = isolated(this.namesOf(thread)[sender] ?? sender);
    this.say(
      `${name} reacted with ${body.emoji} to “${isolated(excerpt(summary({ text: item.text, attachments: item.files })))}”`,
    );
  }

  /** The message is gone, and nothing is left to choose; the focus goes back while there is something to go to. */
  #closeAll() {
    this.menu.close();
    const dialogs = [this.reactions.made, this.versions.made, this.deletion];
    const open = dialogs.find((one) => one?.dialog.open);
    if (!open) return;
    open.dialog.close("");
    this.note.complain("That message is deleted.");
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    /** @type {HTMLElement | null} */
    const button = /** @type {Element} */ (event.target).closest("[data-do]");
    const item = button && this.#itemOf(button);
    const thread = this.#thread;
    if (!button || thread === null) return;
    const does = button.dataset.do;
    if (does === "quote") this.goTo(Number(button.dataset.target));
    if (!item) return;
    this.#about = item.seq;
    if (does === "menu" && this.menu.isOpenFor(button)) this.menu.close();
    else if (does === "menu") this.#menu(button);
    else if (does === "versions" && item.seq) this.#versions(thread, item.seq);
    else if (does === "view") this.onView(item, Number(button.dataset.place));
    else if (does === "chip") this.#react(item, button.dataset.emoji ?? "");
    else if (does === "undo") this.deletions.undo(thread, item.key);
    else if (does === "retry-edit") item.failedChange && this.outbox.retry(item.failedChange);
    else if (does === "keep-edit") this.composer.takeBack(this.outbox.remove(item.failedChange ?? ""));
    else if (does === "discard-edit") item.failedChange && this.outbox.remove(item.failedChange);
  }

  /**
   * @param {Element} part of a message
   * @returns {MessageItem | null}
   */
  #itemOf(part) {
    /** @type {HTMLElement | null} */
    const node = part.closest("li.message");
    const found = node && this.items().find(({ key }) => key === node.dataset.key);
    return found?.kind === "message" ? found : null;
  }

  /** @param {HTMLElement} part of a message */
  #menu(part) {
    const item = this.#itemOf(part);
    /** @type {HTMLElement | null | undefined} */
    const button = part.closest("li")?.querySelector(".message-actions:not([hidden])");
    if (!item || !button) return;
    this.#about = item.seq;
    this.menu.open(button, actionsFor(item));
  }

  /**
   * @param {HTMLElement} button
   * @param {Action} action
   */
  #chosen(button, action) {
    const item = this.#itemOf(button);
    const thread = this.#thread;
    if (!item || thread === null) return;
    if (action === "react") this.#chooseReaction(item);
    else if (action === "reply" && item.seq) this.composer.reply(item.seq);
    else if (action === "edit") this.#edit(item);
    else if (action === "copy") this.#copy(item.text, "Text");
    else if (action === "link" && item.seq) this.#copy(linkTo(thread, item.seq), "Link");
    else if (action === "delete") this.deletion.ask(() => this.#delete(thread, item));
  }

  /**
   * @param {string} thread
   * @param {MessageItem} item
   */
  #delete(thread, { key, seq, client_id: own }) {
    this.deletions.begin(thread, key, seq ?? own);
  }

  /**
   * @param {string} thread
   * @param {number} seq
   */
  #versions(thread, seq) {
    this.versions.want((dialog) => {
      const item = this.#item(seq);
      if (item && !item.deleted) dialog.show(thread, seq, item);
    });
  }

  /** @param {MessageItem} item */
  #chooseReaction({ seq }) {
    this.reactions.want((dialog) => {
      const item = seq === null ? null : this.#item(seq);
      if (item && this.#stands(item)) dialog.show(ownOf(item), (emoji) => this.#react(item, emoji));
    });
  }

  /** @param {HTMLElement} bubble */
  #heart(bubble) {
    const item = this.#itemOf(bubble);
    if (item) this.#react(item, HEART);
  }

  /**
   * Gives it, in the place of the one before, or takes the same one back.
   * @param {MessageItem} item
   * @param {string} emoji
   */
  #react({ seq }, emoji) {
    const now = seq === null ? null : this.#item(seq);
    if (!now || !this.#stands(now) || seq === null || this.#thread === null) return;
    const given = ownOf(now) === emoji ? null : emoji;
    if (given) noteUsed(this.me, given);
    this.outbox.change(this.#thread, "reaction", { target: seq, emoji: given });
    this.say(given ? `You reacted with ${given}` : `You took ${emoji} back`);
  }

  /**
   * @param {string} text
   * @param {"Text" | "Link"} what it is
   */
  async #copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
      this.note.say(`${what} copied`);
    } catch {
      this.note.complain(`This browser did not let the ${what.toLowerCase()} be copied.`);
    }
  }
}

/** @param {MessageItem} item */
const ownOf = ({ reactions }) => reactions.find(({ own }) => own)?.emoji ?? null;
