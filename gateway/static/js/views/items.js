import { dayKey, minuteKey } from "../lib/time.js";

const times = new Map();
const MAX_TIMES = 50_000;

/** {day, minute} of a time text; remembered, because a long log is gone through often. */
function keysOf(time) {
  if (times.size > MAX_TIMES) times.clear();
  if (!times.has(time)) times.set(time, { day: dayKey(time), minute: minuteKey(time) });
  return times.get(time);
}

/**
 * What the log shows, top to bottom, from a thread, its outbox entries and its games. An item is
 *   {kind: "day", key, time} | {kind: "unread", key} |
 *   {kind: "message", key, seq, client_id, sender, text, time, own, first, state, reason}
 * or a game (games/models/items.js). first: starts a group of one sender and minute. state: null | "sending" | "sent" | "read" | "failed".
 * unreadAfter: the read position below which the divider stands, or null; it never stands above an own message.
 */
export function items(thread, entries, unreadAfter, games = []) {
  const held = new Set(entries.map(({ client_id }) => client_id));
  const messages = thread.messages.map((message) => fromLog(message, thread));
  for (const message of messages) if (message.own) held.delete(message.client_id);
  messages.push(...entries.filter(({ client_id }) => held.has(client_id)).map((entry) => fromEntry(entry, thread)));
  const lastOwn = messages.findLast((message) => message.own);
  const list = [];
  let before = null;
  const after = Math.max(unreadAfter ?? 0, messages.findLast(({ own, seq }) => own && seq !== null)?.seq ?? 0);
  const reachesBack = thread.complete || thread.messages[0]?.seq <= after + 1;
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
    // One that failed long ago still comes last: it belongs to the day that it stands under.
    const late = message.seq === null && before && Date.parse(message.time) < Date.parse(before.time);
    const { day, minute } = keysOf(late ? before.time : message.time);
    const newDay = day !== before?.day;
    if (newDay) list.push({ kind: "day", key: `day ${day}`, time: message.time });
    const divide = !divided && !message.own && message.seq > after;
    if (divide) list.push({ kind: "unread", key: "unread" });
    divided ||= divide;
    message.first = newDay || divide || before.sender !== message.sender || before.minute !== minute;
    list.push(message);
    before = { day, minute, time: late ? before.time : message.time, sender: message.sender };
  }
  return list;
}

/** The games that stand among the messages held. */
function fromGames({ complete, messages }, games) {
  const start = complete ? 0 : (messages[0]?.seq ?? 0);
  return games.filter(({ seq }) => seq === null || seq >= start);
}

/** Messages and games in the order of the log; what is not in it yet comes last. */
function merged(messages, games) {
  const rows = [];
  let next = 0;
  for (const message of messages) {
    while (games[next] && games[next].seq !== null && games[next].seq < (message.seq ?? Infinity)) rows.push(games[next++]);
    rows.push(message);
  }
  return [...rows, ...games.slice(next)];
}

const key = (own, message) => (own ? `own ${message.client_id}` : `seq ${message.seq}`);

function fromLog(message, { me, peer_read }) {
  const own = message.sender === me;
  const state = own ? (message.seq <= peer_read ? "read" : "sent") : null;
  const { seq, client_id, sender, text, sent_at } = message;
  return { kind: "message", key: key(own, message), seq, client_id, sender, text, time: sent_at, own, state, reason: null };
}

function fromEntry({ client_id, text, created_at, failed, sent }, { me }) {
  const state = failed ? "failed" : sent === null ? "sending" : "sent";
  return {
    ...{ kind: "message", key: key(true, { client_id }), seq: null, client_id, sender: me, text },
    ...{ time: created_at, own: true, state, reason: failed },
  };
}
