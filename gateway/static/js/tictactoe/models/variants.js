// The games on offer, by the name a link gives them: "classic", "misere", "ultimate", or "15x15x5" (m×n×k). No DOM.

import { Grid } from "./grid.js";
import { Ultimate } from "./ultimate.js";

const LARGEST = 15;
const SIZE = /^([1-9]\d?)x([1-9]\d?)x([1-9]\d?)$/;

/** The rules of the game of that name, or null if there is none. */
export function rulesOf(name) {
  if (name === "classic") return named(name, "classic", new Grid(3, 3, 3));
  if (name === "misere") return named(name, "misere", new Grid(3, 3, 3, { misere: true }));
  if (name === "ultimate") return named(name, "ultimate", new Ultimate());
  const [columns, rows, k] = (SIZE.exec(name) ?? []).slice(1).map(Number);
  const longest = Math.max(columns, rows);
  if (!(longest <= LARGEST && k <= longest)) return null;
  return named(name, "mnk", new Grid(columns, rows, k));
}

/** name: as in links; variant: as the endpoint calls it. */
function named(name, variant, rules) {
  return Object.assign(rules, { name, variant });
}
