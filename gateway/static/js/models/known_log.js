// The log id this browser last saw for a user. Another one means: a restored backup, or another database.

const key = (username) => `duet:log:${username}`;

export const knownLog = (username) => localStorage.getItem(key(username));

export const rememberLog = (username, log) => localStorage.setItem(key(username), log);

/**
 * After a log-in nobody can say that a log seen now continues the one seen before, so what
 * waits in the outbox of another log stays there.
 */
export const forgetLog = (username) => localStorage.removeItem(key(username));
