// Notices when the words for a time become others: at midnight, and in another zone. Nothing tells a page of either.

import { onAttention } from "./attention.js";
import { dayKey, followZone, zone } from "./time.js";

const LOOK_MS = 1000;

/**
 * Calls `changed` when another day has begun or another zone holds; where the page slept over it, once it is back.
 * @param {() => void} changed
 */
export function onCalendar(changed) {
  const today = () => `${zone()} ${dayKey(Date.now())}`;
  let known = today();
  const look = () => {
    followZone();
    if (known === today()) return;
    known = today();
    changed();
  };
  setInterval(look, LOOK_MS);
  onAttention(look);
}
