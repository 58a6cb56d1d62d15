// Notices when the words for a time become others: at midnight, and in another zone. Nothing tells a page of either.

import { onAttention } from "./attention.js";
import { dayKey, followZone, zone } from "./time.js";

const LOOK_MS = 1000;

const today = () => `${zone()} ${dayKey(Date.now())}`;

/** @type {Set<() => void>} */
const listeners = new Set();
let known = "";

function look() {
  followZone();
  if (known === today()) return;
  known = today();
  for (const changed of listeners) changed();
}

/**
 * Calls `changed` when another day has begun or another zone holds; where the page slept over it, once it is back.
 * @param {() => void} changed
 */
export function onCalendar(changed) {
  if (listeners.size === 0) {
    known = today();
    setInterval(look, LOOK_MS);
    onAttention(look);
  }
  listeners.add(changed);
}
