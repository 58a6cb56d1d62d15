// What a clock shows: computed from the state, counted down by the page. The server alone says that time is up.

import { serverNow } from "../../net/skew.js";

const TENTHS_BELOW_MS = 10_000;

/**
 * Milliseconds that `side` has left, never below 0.
 * @param {Wire.Clock} clock
 * @param {Wire.Side} side
 */
export function left(clock, side, now = serverNow()) {
  const at = side === "X" ? clock.x_ms : clock.o_ms;
  if (clock.running !== side || clock.since === null) return at;
  return Math.max(0, at - Math.max(0, now - Date.parse(clock.since)));
}

/**
 * "4:58"; with tenths near the end: "0:09.3". Whole seconds round up, so that 0:00 means none.
 * @param {number} ms
 */
export function format(ms, { tenths = true } = {}) {
  if (tenths && ms < TENTHS_BELOW_MS) {
    const tenth = Math.ceil(ms / 100);
    return `0:${String(Math.floor(tenth / 10)).padStart(2, "0")}.${tenth % 10}`;
  }
  const seconds = Math.ceil(ms / 1000);
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return `${minutes}:${String(rest).padStart(2, "0")}`;
}
