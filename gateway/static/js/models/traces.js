// What this browser keeps of somebody, in all its stores. All of it is gone when they log out, and before somebody
// else's page keeps anything. When their session has ended without them, what can be read is gone; what they have
// written and not sent stays for them alone, since no message may get lost.

import { lastPerson } from "../lib/person.js";
import { local, session } from "../lib/storage.js";
import * as fileDb from "./file_db.js";
import * as keptDb from "./kept_db.js";
import { forgetLog } from "./known_log.js";
import { tellLogin } from "./logins.js";
import * as outboxDb from "./outbox_db.js";
import { forgetWorker } from "./worker_registration.js";

/** Wipes all of it. Nothing fails here: what is not there need not go. */
export const wipe = () => clear(null);

/** Wipes what was kept to be read without a network. */
export const forgetRead = () => all([keptDb.wipe(), forgetWorker()]);

/** On a page that nobody is logged in to see. */
export const nobodyIsHere = () => (lastPerson() ? forgetRead() : Promise.resolve());

/**
 * On a page for `me`: what somebody else left goes.
 * @param {string} me a username
 */
export function onlyOf(me) {
  const last = lastPerson();
  return last && last.username !== me ? clear(me) : Promise.resolve();
}

/**
 * `me` has just logged in on this page. The pages of somebody else are told.
 * @param {string} me a username
 */
export async function enter(me) {
  await onlyOf(me);
  forgetLog(me);
  tellLogin(me);
}

/** @param {string | null} me whose unsent messages stay: they may be written while this goes on */
async function clear(me) {
  local.clear();
  session.clear();
  await all([outboxDb.wipe(me), fileDb.wipe(me), forgetRead()]);
}

/** @param {Promise<unknown>[]} wiped */
const all = (wiped) => Promise.all(wiped.map((done) => done.catch(console.warn)));
