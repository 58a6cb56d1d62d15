// What a push tells, as a notice of the system, and where a notice leads.

import { showBadge } from "../lib/badge.js";
import * as keptDb from "../models/kept_db.js";
import { OwnState } from "../models/own_state.js";
import * as api from "../net/api.js";
import { leave } from "./leave.js";
import { worker } from "./scope.js";

/** @typedef {{ title: string, body: string, url: string, thread: string, tag: string, seq: number, sent_at: string }} Push */

const UNKNOWN = { title: "Duet", body: "New message", url: "/messages", thread: "", tag: "duet", seq: 0 };
const CHAT = /^\/(messages|share)(\/|$)/;
const ROWS = 50;
const GONE = 401;
const ANSWER_WITHIN_MS = 500;

/**
 * Browsers want to see a notice for each push, also of what the page shows already: that one is silent, and gone at once.
 * @param {Duet.PushEvent} event
 */
export async function show(event) {
  const { title, body, tag, url, thread, seq, sent_at } = read(event);
  const looked = (await windows()).filter((one) => one.focused && one.visibilityState === "visible");
  const isSeen = (await Promise.all(looked.map(threadOf))).includes(thread);
  await worker.registration.showNotification(title, {
    ...{ body, tag, icon: DUET.icon, badge: DUET.badge, data: { url, thread, seq } },
    ...{ renotify: !isSeen, timestamp: Date.parse(sent_at) },
    silent: isSeen,
  });
  if (isSeen) for (const notice of await worker.registration.getNotifications({ tag })) notice.close();
  await tidy().catch(console.warn);
}

/**
 * Opens the thread of a notice: in a window of Duet, if there is one.
 * @param {Notification} notice
 */
export async function open(notice) {
  notice.close();
  const { url = UNKNOWN.url, thread = "" } = notice.data ?? {};
  const all = await windows();
  const one = all.find(isChat) ?? all[0];
  if (!one) return worker.clients.openWindow(url);
  await one.focus().catch(console.warn);
  if (isChat(one)) return one.postMessage({ do: "open", thread });
  return one.navigate(url).catch(() => worker.clients.openWindow(url));
}

/** Closes what has been read on another device, and counts what is unread. */
async function tidy() {
  try {
    const { threads } = await api.threads({ archived: "false", limit: ROWS });
    const read = new Map(threads.map((thread) => [thread.username, thread.read]));
    for (const notice of await worker.registration.getNotifications()) {
      if ((read.get(notice.data?.thread) ?? 0) >= (notice.data?.seq || Infinity)) notice.close();
    }
    if (await keptDb.isApp())
      showBadge(threads.reduce((sum, thread) => sum + (isMuted(thread) ? 0 : thread.unread), 0));
  } catch (error) {
    if (api.statusOf(error) !== GONE) throw error;
    await leave();
  }
}

/** @param {Wire.ThreadItem} thread */
function isMuted({ state }) {
  const own = new OwnState();
  own.take(state);
  return own.isMuted(Date.now());
}

/**
 * @param {Duet.PushEvent} event
 * @returns {Push}
 */
function read({ data }) {
  const unknown = { ...UNKNOWN, sent_at: new Date().toISOString() };
  try {
    const push = { ...unknown, .../** @type {Push} */ (data?.json()) };
    const isOurs = new URL(push.url, location.origin).origin === location.origin;
    return isOurs ? push : { ...push, url: unknown.url };
  } catch {
    return unknown;
  }
}

const windows = () => worker.clients.matchAll({ type: "window", includeUncontrolled: true });

/** @param {Duet.WindowClient} one */
const isChat = ({ url }) => CHAT.test(new URL(url).pathname);

/**
 * Which thread a window shows, as it says itself: its address is that with which it began.
 * @param {Duet.WindowClient} one
 * @returns {Promise<string | null>}
 */
function threadOf(one) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
    one.postMessage({ do: "tell" }, [port2]);
    setTimeout(resolve, ANSWER_WITHIN_MS, null);
  });
}
