// Who this page is for. A page that the worker made of what it keeps does not say: it is for who was last here.

import { usernameError } from "./account_rules.js";
import { fromPath } from "./address.js";
import { onHidden } from "./attention.js";
import { local } from "./storage.js";

const KEY = "duet:person";

/** @typedef {Wire.Me & { at: number }} Person at: when Duet was last reached, in ms */

/** @returns {Person | null} */
export const lastPerson = () => /** @type {Person | null} */ (local.recall(KEY, null));

/**
 * What the page is about. since: when what it shows was last in touch; null: it has just come from the server.
 * @returns {{ me: string, displayName: string, openThread: string, peerDisplayName: string, since: number | null }}
 */
export function here() {
  const { me, displayName = "", openThread = "", peerDisplayName = "" } = document.body.dataset;
  if (me) return { me, displayName, openThread, peerDisplayName, since: null };
  const { username, display_name, at } = lastPerson() ?? { username: "", display_name: "", at: 0 };
  const peer = (fromPath() ?? "").toLowerCase();
  const open = usernameError(peer) || peer === username ? "" : peer;
  return { me: username, displayName: display_name, openThread: open, peerDisplayName: open, since: at };
}

/**
 * Notes who is here, and until when they were in touch.
 * @param {Wire.Me} me
 * @param {{ on(name: "state", listener: (state: { name: string }) => void): unknown }} socket
 */
export function notePerson({ username, display_name }, socket) {
  let inTouch = false;
  const note = () => local.remember(KEY, { username, display_name, at: Date.now() });
  socket.on("state", ({ name }) => {
    if (name === "open" || (inTouch && name === "waiting")) note();
    inTouch = name === "open";
  });
  onHidden(() => inTouch && note());
}
