import { summary } from "../lib/attached.js";
import { dayKey, minuteKey, zone } from "../lib/time.js";
import { pending } from "../models/changes.js";
import { isMessage } from "../models/entries.js";

/** @import { GameItem } from "../games/models/items.js" */
/** @import { Shown } from "../models/changes.js" */
/** @import { Change, Entry, Kind, Message } from "../models/entries.js" */
/** @import { Thread } from "../models/thread.js" */

/** @typedef {{ kind: "day", key: string, time: string | number }} DayItem */
/** @typedef {{ kind: "unread", key: string }} UnreadItem the divider above what is unread */
/**
 * @typedef {object} MessageItem
 * @property {"message"} kind
 * @property {string} key
 * @property {number | null} seq
 * @property {string} client_id
 * @property {string} sender
 * @property {string} text
 * @property {string} time
 * @property {boolean} own
 * @property {boolean} first starts a group of one sender and minute
 * @property {"sending" | "sent" | "delivered" | "read" | "failed" | null} state
 * @property {string | null} reason why it failed
 * @property {ShownFile[]} files none where it is deleted
 * @property {Wire.LinkPreview | null} preview of its first link
 * @property {boolean} edited
 * @property {boolean} deleted its text is ""
 * @property {number | null} replyTo the seq of the message that it answers
 * @property {Reply | null} reply that message; null if it answers none, and while that is not known
 * @property {(Wire.Reaction & { own: boolean })[]} reactions
 * @property {boolean} changing it shows something that is not in the log yet
 * @property {string | null} changeFailed why a change was refused
 * @property {string | null} failedChange its client_id, to retry or remove it in the outbox
 * @property {Kind | null} failedKind what it was
 */
/** @typedef {Wire.Attachment & { upload?: string }} ShownFile upload: the id of its upload, before it is in the log */
/** @typedef {{ seq: number, sender: string, text: string | null, deleted: boolean }} Reply text: null if deleted */
/** @typedef {DayItem | UnreadItem | MessageItem | GameItem} Item of the log */
/** @typedef {{ day: number, minute?: number, time: string | number, sender: string | null }} Before the item above */

/** @type {Map<string | number, { day: number, minute: number }>} */
const times = new Map();
const MAX_TIMES = 50_000;
let timesIn = zone();

/**
 * The day and minute of a time; cached, because a long log is walked through often.
 * @param {string | number} time
 */
function keysOf(time) {
  if (times.size > MAX_TIMES || timesIn !== zone()) times.clear();
  timesIn = zone();
  const keys = times.get(time) ?? { day: dayKey(time), minute: minuteKey(time) };
  times.set(time, keys);
  return keys;
}

/**
 * What the log shows, top to bottom, from a thread, its outbox entries and its games.
 * @param {Thread} thread
 * @param {Entry[]} entries
 * @param {number | null} unreadAfter the read position below which the divider stands; never above an own message
 * @param {GameItem[]} games
 */
export function items(thread, entries, unreadAfter, games = []) {
  const unsent = new Map(entries.filter(isMessage).map((entry) => [entry.client_id, entry]));
  const about = { thread, changes: Map.groupBy(entries.filter(isChange), ({ body }) => body.target) };
  const messages = thread.messages.map((message) => fromLog(message, about));
  for (const message of messages) if (message.own) unsent.delete(message.client_id);
  // What is not in the log yet stands at its end.
  if (!thread.far) messages.push(...[...unsent.values()].map((entry) => fromEntry(entry, about)));
  const lastOwn = thread.far ? undefined : messages.findLast((message) => message.own && !message.deleted);
  /** @type {Item[]} */
  const list = [];
  let before = /** @type {Before | null} */ (null);
  const after = Math.max(unreadAfter ?? 0, messages.findLast(({ own, seq }) => own && seq !== null)?.seq ?? 0);
  const reachesBack = thread.complete || (thread.messages[0]?.seq ?? Infinity) <= after + 1;
  let divided = unreadAfter === null || !reachesBack;
  for (const message of merged(messages, fromGames(thread, games))) {
    if (message.kind === "game") {
      const { day } = keysOf(message.time);
      if (day !== before?.day) list.push({ kind: "day", key: `day ${day}`, time: message.time });
      list.push(message);
      before = { day, time: message.time, sender: null };
      continue;
    }
    if (message !== lastOwn && message.state !== "failed") message.state = null;
    // A message that failed long ago still comes last, under the day above it.
    const late = message.seq === null && before !== null && at(message.time) < at(before.time);
    const time = late && before ? before.time : message.time;
    const { day, minute } = keysOf(time);
    const newDay = day !== before?.day;
    if (newDay) list.push({ kind: "day", key: `day ${day}`, time: message.time });
    const divide = !divided && !message.own && (message.seq ?? 0) > after;
    if (divide) list.push({ kind: "unread", key: "unread" });
    divided ||= divide;
    message.first = newDay || divide || before?.sender !== message.sender || before.minute !== minute;
    list.push(message);
    before = { day, minute, time, sender: message.sender };
  }
  return list;
}

/**
 * The games that stand among the messages held.
 * @param {Thread} thread
 * @param {GameItem[]} games
 */
function fromGames({ complete, messages, far }, games) {
  const start = complete ? 0 : (messages[0]?.seq ?? 0);
  const end = far?.to ?? Infinity;
  return games.filter(({ seq }) => (seq === null ? !far : seq >= start && seq <= end));
}

/**
 * Messages and games in the order of the log; what is not in it yet comes last.
 * @param {MessageItem[]} messages
 * @param {GameItem[]} games
 */
function merged(messages, games) {
  /** @type {(MessageItem | GameItem)[]} */
  const rows = [];
  let next = 0;
  for (const message of messages) {
    const end = message.seq ?? Infinity;
    while (next < games.length && (games[next].seq ?? Infinity) < end) rows.push(games[next++]);
    rows.push(message);
  }
  return [...rows, ...games.slice(next)];
}

/** @param {string | number} time */
const at = (time) => new Date(time).getTime();

/** @typedef {{ thread: Thread, changes: Map<number, (Entry & Change)[]> }} About changes: by the seq of their message */

/**
 * @param {Entry} entry
 * @returns {entry is Entry & Change}
 */
const isChange = (entry) => !isMessage(entry);

/**
 * @param {Wire.Message} message
 * @param {About} about
 * @returns {MessageItem}
 */
function fromLog(message, about) {
  const { me, peer_read, delivered } = about.thread;
  const own = message.sender === me;
  const { seq, client_id, sender, sent_at: time } = message;
  const key = own ? ownKey(client_id) : `seq ${seq}`;
  const come = seq <= peer_read ? "read" : seq <= delivered.peers ? "delivered" : "sent";
  const state = own ? come : null;
  const told = { key, seq, client_id, sender, time, own, first: false };
  return { kind: "message", ...told, state, reason: null, ...current(message, about) };
}

/**
 * @param {Entry & Message} entry
 * @param {About} about
 * @returns {MessageItem}
 */
function fromEntry({ client_id, text, reply_to, created_at, failed, sent, next, files = [] }, about) {
  const { me, username } = about.thread;
  const state = failed ? "failed" : sent === null ? "sending" : "sent";
  const told = { client_id, sender: me, time: created_at, own: true, first: false };
  const said = next?.kind === "delete" ? { deleted_at: created_at } : { text: next?.text ?? text };
  const message = {
    thread: username,
    seq: sent ?? 0,
    version: 0,
    sender: me,
    client_id,
    sent_at: created_at,
    reply_to,
    attachments: files.map(({ attachment, alt, ...file }) => ({ ...(attachment ?? file), alt, upload: file.id })),
  };
  const now = current({ ...message, ...said, changing: Boolean(next) }, about);
  return { kind: "message", key: ownKey(client_id), seq: null, ...told, state, reason: failed, ...now };
}

/**
 * What a message says by now, with the changes made here.
 * @param {Shown} message
 * @param {About} about
 */
function current(message, { thread, changes }) {
  const { me } = thread;
  const own = changes.get(message.seq) ?? [];
  /** @type {Shown} */
  const now = pending(message, own, me);
  const { text = "", edited_at, deleted_at, reply_to, reactions = [], attachments = [], changing = false } = now;
  const { preview = null } = now;
  const failed = own.findLast((entry) => entry.failed);
  const deleted = deleted_at !== undefined;
  return {
    text,
    files: deleted ? [] : attachments,
    preview: deleted ? null : preview,
    edited: edited_at !== undefined && !deleted,
    deleted,
    replyTo: reply_to ?? null,
    reply: reply_to ? replyOf(reply_to, { thread, changes }) : null,
    reactions: inOrder(reactions, me),
    changing,
    changeFailed: failed?.failed ?? null,
    failedChange: failed?.client_id ?? null,
    failedKind: failed?.kind ?? null,
  };
}

/**
 * The peer's before mine, however they came.
 * @param {Wire.Reaction[]} reactions
 * @param {string} me
 */
function inOrder(reactions, me) {
  const mineLast = (/** @type {string[]} */ by) =>
    [...by].sort((one, other) => Number(one === me) - Number(other === me));
  const told = reactions.map(({ emoji, by }) => ({ emoji, by: mineLast(by), own: by.includes(me) }));
  return told.sort((one, other) => Number(one.own) - Number(other.own));
}

/**
 * @param {number} seq
 * @param {About} about
 * @returns {Reply | null}
 */
function replyOf(seq, { thread, changes }) {
  const held = thread.find(seq);
  if (!held) return null;
  const message = pending(held, changes.get(seq) ?? [], thread.me);
  const deleted = message.deleted_at !== undefined;
  return { seq, sender: message.sender, text: deleted ? null : summary(message), deleted };
}

/**
 * The same in the outbox and in the log, so the node stays.
 * @param {string} clientId
 */
const ownKey = (clientId) => `own ${clientId}`;
