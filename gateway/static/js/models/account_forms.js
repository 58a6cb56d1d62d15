// What a form checks before it is sent, and what it says of a refusal: of a new account, and of one that there is.

import { passwordError, usernameError } from "../lib/account_rules.js";
import { statusOf } from "../net/api.js";

/** @typedef {Record<string, string>} Typed by the names of the fields */

export const newAccount = {
  /** @param {Typed} typed */
  check: ({ username, password }) => ({ username: usernameError(username.trim()), password: passwordError(password) }),
  /** @param {unknown} error */
  explain: (error) => (statusOf(error) === 409 ? { username: "That name is taken." } : null),
};

export const knownAccount = {
  /** @param {Typed} typed */
  check: ({ username, password }) => ({
    username: username.trim() ? "" : "Type your name.",
    password: password ? "" : "Type your password.",
  }),
  /** @param {unknown} error */
  explain: (error) => ([401, 422].includes(statusOf(error) ?? 0) ? { password: "Wrong name or password." } : null),
};
