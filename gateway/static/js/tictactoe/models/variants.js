// The games on offer, by the name a link gives them: "classic", "misere", "ultimate", or "15x15x5" (m×n×k). No DOM.

import { Grid } from "./grid.js";
import { Ultimate } from "./ultimate.js";

/** @typedef {Grid | Ultimate} Rules name: as in links; variant: as the contract calls it */

const LARGEST = 15;
const SIZE = /^([1-9]\d?)x([1-9]\d?)x([1-9]\d?)$/;

/** The one everybody knows. */
export const CLASSIC = new Grid(3, 3, 3, "classic");

/**
 * The rules of the game of that name, or null if there is none.
 * @param {string} name
 * @returns {Rules | null}
 */
export function rulesOf(name) {
  if (name === "classic") return CLASSIC;
  if (name === "misere") return new Grid(3, 3, 3, "misere");
  if (name === "ultimate") return new Ultimate();
  const [columns, rows, k] = (SIZE.exec(name) ?? []).slice(1).map(Number);
  const longest = Math.max(columns, rows);
  return longest <= LARGEST && k <= longest ? new Grid(columns, rows, k) : null;
}
