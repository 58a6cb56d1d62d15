import { preview as gamePreview } from "../games/models/words.js";
import { avatar } from "../lib/avatar.js";
import { onCalendar } from "../lib/calendar.js";
import { byId, el, hidden } from "../lib/dom.js";
import { plain } from "../lib/format.js";
import { look, shared } from "../lib/names.js";
import { scheduled } from "../lib/schedule.js";
import { full, short, zone } from "../lib/time.js";
import { pending as withChanges } from "../models/changes.js";
import { isMessage } from "../models/entries.js";
import { reconcile } from "./reconcile.js";

/** @import { Games } from "../models/games.js" */
/** @import { Inbox } from "../models/inbox.js" */
/** @import { Outbox } from "../models/outbox.js" */
/** @import { Store } from "../models/store.js" */
/** @import { Thread } from "../models/thread.js" */

/** @typedef {{ sender: string, text: string | null, sent_at: string }} Last what was written last; null: deleted */
/**
 * What a row says of its thread: about a game, or what somebody wrote (speaker: "You:", or "" for the peer).
 * @typedef {{ said: string } | { said?: undefined, speaker: string, text: string }} Preview
 */
/**
 * @typedef {object} Row
 * @property {string} username
 * @property {string} display_name
 * @property {boolean} alike another row has the same name
 * @property {boolean} online
 * @property {number} unread
 * @property {Preview} preview
 * @property {boolean} failed
 * @property {boolean} yours a game waits for me
 * @property {boolean} typing
 * @property {string} time of what happened last, "" for nothing yet
 * @property {string} when the same, short
 * @property {boolean} open
 */

const MAX_COUNT = 999;
const REFRESH_MS = 60_000;
const MORE_WITHIN_PX = 400;
const DELETED = "Message deleted";
const PREVIEW_LENGTH = 200;
// Of the source: markers that end after the preview are found too.
const PREVIEW_SOURCE_LENGTH = 400;

/** The rows of the inbox, latest first. */
export class InboxView {
  /** @type {string | null} a username */
  #open = null;

  /**
   * @param {object} parts
   * @param {string} parts.me
   * @param {Store} parts.store
   * @param {Outbox} parts.outbox
   * @param {Inbox} parts.inbox
   * @param {Games} parts.games
   * @param {(username: string) => void} parts.onOpen a row was chosen
   */
  constructor({ me, store, outbox, inbox, games, onOpen }) {
    this.me = me;
    this.store = store;
    this.outbox = outbox;
    this.inbox = inbox;
    this.games = games;
    this.onOpen = onOpen;
    this.list = byId("inbox-rows");
    this.draw = scheduled(() => this.#draw());
    store.on("inbox", this.draw);
    outbox.on("change", this.draw);
    games.on("change", this.draw);
    setInterval(this.draw, REFRESH_MS);
    onCalendar(this.draw);
    this.list.addEventListener("click", (event) => this.#clicked(event));
    this.list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  /** @param {string | null} username */
  open(username) {
    this.#open = username;
    this.#draw();
  }

  /** @param {string} username */
  focus(username) {
    /** @type {HTMLElement | null} */
    const link = this.list.querySelector(`[data-username="${CSS.escape(username)}"]`);
    link?.focus();
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const username = /** @type {Element} */ (event.target).closest("a")?.dataset.username;
    if (!username || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.onOpen(username);
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    if (scrollHeight - scrollTop - clientHeight < MORE_WITHIN_PX) this.inbox.more().catch(console.warn);
  }

  #rows() {
    const shown = this.store.all.filter(({ exists, username }) => exists || this.outbox.of(username).some(isMessage));
    const alike = shared(shown.map(({ display_name }) => display_name));
    const rows = shown.map((thread) => ({ ...this.#row(thread), alike: alike.has(look(thread.display_name)) }));
    return rows.sort((one, other) => (one.time < other.time ? 1 : one.time > other.time ? -1 : 0));
  }

  /** @param {Thread} thread */
  #row(thread) {
    const { username, display_name, online, unread, typing_until } = thread;
    const pending = this.#pending(username, thread.last_message);
    const last = pending
      ? { sender: this.me, text: pending.next?.text ?? pending.text, sent_at: pending.created_at }
      : this.#last(thread);
    const { said, yours, since } = this.#game(thread, last);
    const failed = Boolean(pending?.failed);
    const speaker = failed ? "Not sent:" : last?.sender === this.me ? "You:" : "";
    const words =
      last?.text === null ? { said: DELETED } : { speaker, text: last?.text.slice(0, PREVIEW_SOURCE_LENGTH) ?? "" };
    const written = last && (failed || said === null) ? words : null;
    // Nothing but games in this thread, and none of them fetched yet.
    const preview = written ?? { said: said ?? "A game" };
    const typing = typing_until > Date.now();
    const time = since ?? last?.sent_at ?? "";
    const open = username === this.#open;
    const when = time && short(time);
    return { username, display_name, online, unread, preview, failed, yours, typing, time, when, open };
  }

  /**
   * The last message in the log, as it will look with what waits in the outbox.
   * @param {Thread} thread
   * @returns {Last | null}
   */
  #last({ username, last_message }) {
    if (!last_message) return null;
    const { sender, sent_at, text = null } = withChanges(last_message, this.outbox.of(username), this.me);
    return { sender, sent_at, text };
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
    const rows = this.#rows();
    const held = document.activeElement instanceof HTMLElement && document.activeElement.dataset.username;
    const signature = (/** @type {Row} */ row) => zone() + JSON.stringify(row);
    reconcile(this.list, rows, { key: ({ username }) => username, signature, node: rowNode });
    if (held && document.activeElement === document.body) this.focus(held);
    byId("inbox-failed").hidden = rows.length > 0 || this.inbox.loaded || !this.inbox.failed;
    byId("inbox-empty").hidden = rows.length > 0 || !this.inbox.loaded;
  }
}

/**
 * What a row says of its thread: our own words, or somebody's, in their own text direction.
 * @param {Row} row
 */
function previewNode({ preview, failed, yours, typing }) {
  if (typing) return el("span", { class: "row-text typing" }, "typing…");
  if (preview.said !== undefined) return el("span", { class: yours ? "row-text yours" : "row-text" }, preview.said);
  const { speaker } = preview;
  const text = plain(preview.text).slice(0, PREVIEW_LENGTH);
  const who = speaker && el("bdi", {}, speaker);
  // The first line turns the row; each of the others keeps its own direction.
  const lines = text.split("\n").flatMap((line, index) => (index ? [" ", el("bdi", {}, line)] : line));
  return el("span", { class: failed ? "row-text failed" : "row-text", dir: "auto" }, who, speaker && " ", ...lines);
}

/** @param {Row} row */
function rowNode(row) {
  const { username, display_name, alike, online, unread, time, when, open } = row;
  const count = unread >= MAX_COUNT ? `${MAX_COUNT}+` : String(unread);
  const link = el(
    "a",
    { class: "row", href: `/messages/${username}`, "data-username": username, "aria-current": open ? "page" : null },
    el(
      "span",
      { class: "face" },
      avatar(username, display_name),
      online ? el("span", { class: "dot" }, hidden("online")) : null,
    ),
    el(
      "span",
      { class: "row-name" },
      el("span", { class: "name", dir: "auto" }, display_name),
      alike ? el("span", { class: "handle" }, ` @${username}`) : null,
    ),
    el("time", { class: "row-time", datetime: time, title: time && full(time) }, when),
    previewNode(row),
    unread ? el("span", { class: "badge" }, count, hidden(" unread")) : null,
  );
  return el("li", {}, link);
}
