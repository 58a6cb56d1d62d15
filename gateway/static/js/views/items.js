import { dayKey, minuteKey, zone } from "../lib/time.js";

/** @import { GameItem } from "../games/models/items.js" */
/** @import { Entry } from "../models/outbox.js" */
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
 * @property {"sending" | "sent" | "read" | "failed" | null} state
 * @property {string | null} reason why it failed
 */
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
  const held = new Set(entries.map(({ client_id }) => client_id));
  const messages = thread.messages.map((message) => fromLog(message, thread));
  for (const message of messages) if (message.own) held.delete(message.client_id);
  messages.push(...entries.filter(({ client_id }) => held.has(client_id)).map((entry) => fromEntry(entry, thread)));
  const lastOwn = messages.findLast((message) => message.own);
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
function fromGames({ complete, messages }, games) {
  const start = complete ? 0 : (messages[0]?.seq ?? 0);
  return games.filter(({ seq }) => seq === null || seq >= start);
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

/**
 * @param {Wire.Message} message
 * @param {Thread} thread
 * @returns {MessageItem}
 */
function fromLog(message, { me, peer_read }) {
  const own = message.sender === me;
  const { seq, client_id, sender, text, sent_at: time } = message;
  const key = own ? ownKey(client_id) : `seq ${seq}`;
  const state = own ? (seq <= peer_read ? "read" : "sent") : null;
  return { kind: "message", key, seq, client_id, sender, text, time, own, first: false, state, reason: null };
}

/**
 * @param {Entry} entry
 * @param {Thread} thread
 * @returns {MessageItem}
 */
function fromEntry({ client_id, text, created_at, failed, sent }, { me }) {
  const key = ownKey(client_id);
  const state = failed ? "failed" : sent === null ? "sending" : "sent";
  const told = { sender: me, text, time: created_at, own: true, first: false };
  return { kind: "message", key, seq: null, client_id, ...told, state, reason: failed };
}

/**
 * The same in the outbox and in the log, so the node stays.
 * @param {string} clientId
 */
const ownKey = (clientId) => `own ${clientId}`;
