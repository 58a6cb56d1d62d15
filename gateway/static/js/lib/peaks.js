// How loud the parts of a sound are: a hexadecimal digit for each, as an attachment carries them. Pure.

export const BARS = 48;
const MOST = 15;
/** What is no louder is drawn as silence would be, not as the loudest of it. */
const QUIET = 0.02;

/** @param {number} level from 0 to 1 */
const digit = (level) => Math.round(Math.min(1, level) * MOST).toString(16);

/**
 * @param {number[]} levels from 0 to 1, heard one after the other
 */
export function peaksOf(levels) {
  const loudest = levels.reduce((most, level) => Math.max(most, level), QUIET);
  const bars = Array.from({ length: BARS }, (_, bar) => {
    const from = Math.floor((bar * levels.length) / BARS);
    const to = Math.max(from + 1, Math.floor(((bar + 1) * levels.length) / BARS));
    return digit(Math.max(0, ...levels.slice(from, to)) / loudest);
  });
  return bars.join("");
}

/**
 * What has been heard last, the newest on the right.
 * @param {number[]} levels from 0 to 1
 */
export const lately = (levels) => levels.slice(-BARS).map(digit).join("").padStart(BARS, "0");

/**
 * How high each bar is, from 0 to 1.
 * @param {string} peaks
 */
export const heights = (peaks) => [...peaks].map((one) => Number.parseInt(one, 16) / MOST);
