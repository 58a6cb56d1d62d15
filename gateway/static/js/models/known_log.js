// The log id this browser last saw for a user. Another one means: a restored backup, or another database.

import { local } from "../lib/storage.js";

/** @param {string} username */
const key = (username) => `duet:log:${username}`;

/** @param {string} username */
export const knownLog = (username) => local.get(key(username));

/**
 * @param {string} username
 * @param {string} log
 */
export const rememberLog = (username, log) => local.set(key(username), log);

/**
 * After a log-in nobody can tell whether the log seen now continues the one before, so whatever waits in the outbox of
 * another log stays there.
 * @param {string} username
 */
export const forgetLog = (username) => local.remove(key(username));
