import { preview as gamePreview } from "../games/models/words.js";
import { summary } from "../lib/attached.js";
import { onCalendar } from "../lib/calendar.js";
import { byId } from "../lib/dom.js";
import { look, shared } from "../lib/names.js";
import { scheduled } from "../lib/schedule.js";
import { isBlank } from "../lib/text.js";
import { short, zone } from "../lib/time.js";
import { pending as withChanges } from "../models/changes.js";
import { filesOf, isMessage } from "../models/entries.js";
import { Archive } from "./archive.js";
import { patchRow, rowNode } from "./inbox_row.js";
import { LongPress } from "./long_press.js";
import { Pressed } from "./pressed.js";
import { reconcile } from "./reconcile.js";

/** @import { Drafts } from "../models/drafts.js" */
/** @import { Games } from "../models/games.js" */
/** @import { Inbox } from "../models/inbox.js" */
/** @import { Outbox } from "../models/outbox.js" */
/** @import { Store } from "../models/store.js" */
/** @import { Message } from "../models/entries.js" */
/** @import { Thread } from "../models/thread.js" */
/** @import { Row } from "./inbox_row.js" */

/** @typedef {{ sender: string, text: string | null, sent_at: string }} Last what was written last; null: deleted */

const REFRESH_MS = 60_000;
const MORE_WITHIN_PX = 400;
const DELETED = "Message deleted";
// Of the source: markers that end after the preview are found too.
const PREVIEW_SOURCE_LENGTH = 400;

/** The rows of the inbox, or of the archive, latest first. */
export class InboxView {
  /** @type {string | null} a username */
  #open = null;

  /**
   * @param {object} parts
   * @param {string} parts.me
   * @param {Store} parts.store
   * @param {Outbox} parts.outbox
   * @param {Inbox} parts.inbox
   * @param {Inbox} parts.archived
   * @param {Games} parts.games
   * @param {Drafts} parts.drafts
   * @param {(username: string) => void} parts.onOpen a row was chosen
   * @param {(button: HTMLElement, username: string) => void} parts.onOptions the menu of a row is wanted
   */
  constructor({ me, store, outbox, inbox, archived, games, drafts, onOpen, onOptions }) {
    this.me = me;
    this.store = store;
    this.outbox = outbox;
    this.inbox = inbox;
    this.games = games;
    this.drafts = drafts;
    this.onOpen = onOpen;
    this.onOptions = onOptions;
    this.list = byId("inbox-rows");
    this.draw = scheduled(() => this.pressed.is || this.#draw());
    this.pressed = new Pressed(this.list, this.draw);
    this.archive = new Archive({ store, archived, onSwitch: () => this.#switch() });
    store.on("inbox", this.draw);
    outbox.on("change", this.draw);
    games.on("change", this.draw);
    drafts.on("change", this.draw);
    setInterval(this.draw, REFRESH_MS);
    onCalendar(this.draw);
    this.list.addEventListener("click", (event) => this.#clicked(event));
    this.list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.list.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      if (!isTouch(event)) this.#options(rowOf(event));
    });
    new LongPress({ list: this.list, partOf: rowOf, onLongPress: (row) => this.#options(row) });
  }

  /** What is listed: the inbox, or what is archived. */
  get #source() {
    return this.archive.isOpen ? this.archive.archived : this.inbox;
  }

  /** @param {string | null} username */
  open(username) {
    this.#open = username;
    this.#draw();
  }

  /** @param {string} username whose row is to have it; the first one where that is gone */
  focus(username) {
    this.#draw();
    /** @type {HTMLElement | null} */
    const link = this.list.querySelector(`[data-username="${CSS.escape(username)}"]`) ?? this.list.querySelector("a");
    (link ?? this.archive.button).focus();
  }

  #switch() {
    this.list.scrollTop = 0;
    this.#draw();
  }

  /** @param {HTMLElement | null} row */
  #options(row) {
    const link = row?.querySelector("a");
    const button = row?.querySelector("button");
    if (link && button) this.onOptions(button, link.dataset.username ?? "");
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = /** @type {Element} */ (event.target);
    if (target.closest("button")) this.#options(rowOf(event));
    const username = target.closest("a")?.dataset.username;
    if (!username || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.onOpen(username);
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    if (scrollHeight - scrollTop - clientHeight < MORE_WITHIN_PX) this.#source.more().catch(console.warn);
  }

  #rows() {
    const known = this.store.all.filter(({ exists, username }) => exists || this.outbox.of(username).some(isMessage));
    const shown = known.filter(({ archived }) => (archived !== null) === this.archive.isOpen);
    const alike = shared(shown.map(({ display_name }) => display_name));
    const rows = shown.map((thread) => ({ ...this.#row(thread), alike: alike.has(look(thread.display_name)) }));
    return rows.sort((one, other) => (one.time < other.time ? 1 : one.time > other.time ? -1 : 0));
  }

  /**
   * @param {Thread} thread
   * @returns {Omit<Row, "alike">}
   */
  #row(thread) {
    const { username, display_name, online, unread, muted, typing_until } = thread;
    const pending = this.#pending(username, thread.last_message);
    const last = pending
      ? { sender: this.me, text: textOfUnsent(pending), sent_at: pending.created_at }
      : this.#last(thread);
    const { said, yours, since } = this.#game(thread, last);
    const failed = Boolean(pending?.failed);
    const speaker = failed ? "Not sent:" : last?.sender === this.me ? "You:" : "";
    const words =
      last?.text === null ? { said: DELETED } : { speaker, text: last?.text.slice(0, PREVIEW_SOURCE_LENGTH) ?? "" };
    const written = last && (failed || said === null) ? words : null;
    const open = username === this.#open;
    const marked = thread.own.isMarked;
    const draft = open || failed || yours ? "" : this.drafts.get(username).text;
    const drafted = isBlank(draft) ? null : { speaker: "Draft:", text: draft.slice(0, PREVIEW_SOURCE_LENGTH) };
    // Somebody came by an invitation, or there are games of which none is fetched yet.
    const preview = drafted ?? written ?? { said: said ?? "No messages yet" };
    /** @type {Row["urgent"]} */
    const urgent = failed ? "failed" : yours ? "yours" : drafted ? "draft" : "";
    const typing = typing_until > Date.now();
    const time = since ?? last?.sent_at ?? thread.last_at ?? "";
    const when = time && short(time);
    return { username, display_name, online, unread, marked, muted, preview, urgent, typing, time, when, open };
  }

  /**
   * The last message in the log, as it will look with what waits in the outbox.
   * @param {Thread} thread
   * @returns {Last | null}
   */
  #last({ username, last_message }) {
    if (!last_message) return null;
    const last = withChanges(last_message, this.outbox.of(username), this.me);
    return { sender: last.sender, sent_at: last.sent_at, text: last.text === undefined ? null : summary(last) };
  }

  /**
   * What was written last, if it is in the outbox. A message that failed gives way to later ones.
   * @param {string} username
   * @param {Wire.Message | null} lastMessage
   */
  #pending(username, lastMessage) {
    const pending = this.outbox.of(username).findLast(isMessage);
    const passed = pending?.failed && lastMessage && Date.parse(pending.created_at) < Date.parse(lastMessage.sent_at);
    return passed ? undefined : pending;
  }

  /**
   * What the row says about a game: it goes before the last message when it waits for me, or is the newer of the two.
   * @param {Thread} thread
   * @param {Last | null} last
   */
  #game({ username, display_name }, last) {
    const latest = this.games.latest(username);
    if (!latest) return { said: null, yours: false, since: null };
    const waiting = this.games.waitingIn(username)[0]?.game;
    const newer = !last || Date.parse(latest.at) > Date.parse(last.sent_at);
    const about = { me: this.me, names: { [username]: display_name } };
    return {
      said: waiting || newer ? gamePreview(waiting ?? latest, about) : null,
      yours: Boolean(waiting),
      since: newer ? latest.at : null,
    };
  }

  #draw() {
    this.archive.draw();
    const rows = this.#rows();
    const held = document.activeElement;
    const row = this.list.contains(held) ? /** @type {Element} */ (held).closest("li") : null;
    const signature = (/** @type {Row} */ row) => zone() + JSON.stringify(row);
    const key = (/** @type {Row} */ { username }) => username;
    reconcile(this.list, rows, { key, signature, node: rowNode, patch: patchRow });
    if (row && document.activeElement === document.body) this.#refocus(row);
    const { loaded, failed } = this.#source;
    const nothing = rows.length === 0 && loaded;
    byId("inbox-failed").hidden = rows.length > 0 || loaded || !failed;
    byId("inbox-empty").hidden = !nothing || this.archive.isOpen || this.archive.count > 0;
    this.archive.drawNothing(nothing);
  }

  /** @param {Element} row that had the focus, and was drawn anew */
  #refocus(row) {
    const link = row.querySelector("a");
    if (row.isConnected) link?.focus({ preventScroll: true });
    else this.focus(link?.dataset.username ?? "");
  }
}

/**
 * The row that was meant.
 * @param {Event} event
 * @returns {HTMLElement | null}
 */
const rowOf = ({ target }) => (target instanceof Element ? target.closest("li") : null);

/** @param {MouseEvent} event */
const isTouch = (event) => event instanceof PointerEvent && event.pointerType === "touch";

/** @param {Message} entry */
const textOfUnsent = (entry) => summary({ text: entry.next?.text ?? entry.text, attachments: filesOf(entry) });
