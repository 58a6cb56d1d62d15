// What this browser keeps of somebody, in all its stores. It is gone when they log out, when their session has ended,
// and before somebody else's page keeps anything.

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

/** On a page that nobody is logged in to see. */
export const nobodyIsHere = () => (lastPerson() ? wipe() : Promise.resolve());

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
  const wiped = [outboxDb.wipe(me), fileDb.wipe(me), keptDb.wipe(), forgetWorker()];
  await Promise.all(wiped.map((done) => done.catch(console.warn)));
}
