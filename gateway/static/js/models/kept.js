// What was kept, as the server would say it.

import * as db from "./kept_db.js";
import { knownLog } from "./known_log.js";

/** @param {string} me a username */
async function isOf(me) {
  const about = await db.about();
  return about?.owner === me && about.log === knownLog(me);
}

/**
 * The rows of the inbox.
 * @param {string} me a username
 * @returns {Promise<Wire.ThreadItem[]>}
 */
export async function keptRows(me) {
  if (!(await isOf(me))) return [];
  return Promise.all((await db.threads()).map(row));
}

/**
 * @param {import("./kept_db.js").KeptThread} thread
 * @returns {Promise<Wire.ThreadItem>}
 */
async function row({ complete, ...thread }) {
  const { read, peer_read, username } = thread;
  const last_message = (await db.last(username)) ?? null;
  return { ...thread, delivered: read, peer_delivered: peer_read, last_message };
}

/**
 * The newest messages of a thread; null where none are kept.
 * @param {string} me a username
 * @param {string} username
 */
export async function keptPage(me, username) {
  if (!(await isOf(me))) return null;
  const thread = (await db.threads()).find((one) => one.username === username);
  const messages = await db.messages(username);
  if (!thread || !(messages.length || thread.complete)) return null;
  const { head, read, complete } = thread;
  return { messages, quoted: [], head, read, more: !complete, complete };
}
