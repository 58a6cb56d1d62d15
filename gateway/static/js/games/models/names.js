// What games, clocks and players are called. No DOM.

import { isolated } from "../../lib/names.js";

/** @typedef {{ me: string, names: Record<string, string> }} About who reads, and the display names of both members */

/** @type {Record<number, string>} */
const NUMBERS = { 3: "three", 4: "four", 5: "five", 6: "six" };

/** @type {Record<Wire.VariantName, (spec: Wire.VariantSpec) => string>} */
const VARIANTS = {
  classic: () => "Tic-tac-toe",
  misere: () => "Misère",
  ultimate: () => "Ultimate",
  mnk: ({ m, n, k = 0 }) => `${m} × ${n}, ${NUMBERS[k] ?? k} in a row`,
};

/** @param {Wire.VariantSpec} spec */
export const gameName = (spec) => VARIANTS[spec.variant]?.(spec) ?? "A game";

/**
 * "5 min + 2 s a move"
 * @param {Wire.Clock | null} clock
 */
export function clockName(clock) {
  if (!clock) return "no clock";
  const { initial_s, increment_s } = clock;
  const initial = initial_s % 60 === 0 ? `${initial_s / 60} min` : `${initial_s} s`;
  return increment_s ? `${initial} + ${increment_s} s a move` : initial;
}

/**
 * Who plays a side: "You", "Bob", "AI: hard".
 * @param {Wire.Seat} seat
 * @param {About} about
 */
export function seatName({ username, level }, about) {
  if (level || !username) return `AI: ${level}`;
  return username === about.me ? "You" : nameOf(username, about);
}

/**
 * @param {string} username
 * @param {About} about
 */
export const nameOf = (username, { names }) => isolated(names[username] ?? username);

/**
 * The other member.
 * @param {About} about
 */
export const peerOf = ({ me, names }) => Object.keys(names).find((username) => username !== me) ?? me;
