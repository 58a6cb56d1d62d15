import { el } from "./dom.js";

const HUES = 8;

/** @param {string} username */
function hue(username) {
  let hash = 7;
  for (const char of username) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return hash % HUES;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
// Not the modifier letters: they stand for quotes, for stress and for the start of a vowel.
const SHOWN = /[[\p{Alphabetic}\p{N}\p{RI}\p{Emoji_Presentation}]--\p{Lm}]/v;
const NAMES = /[\p{Alphabetic}\p{N}\p{RI}\p{Extended_Pictographic}]/v;

/**
 * What a reader sees as the first letter of a word: a whole flag, a letter with its marks, never a bracket before it.
 * @param {string} word
 */
function initial(word) {
  const letters = Array.from(graphemes.segment(word), ({ segment }) => segment);
  const first = letters.find((letter) => SHOWN.test(letter)) ?? letters[0] ?? "";
  const capital = first.toUpperCase();
  // ß would become SS, and Georgian has no capitals in names.
  const fits = [...graphemes.segment(capital)].length === 1 && !/\p{Script=Georgian}/u.test(first);
  return fits ? capital : first;
}

/**
 * The initials of the first and last word of a name.
 * @param {string} name
 */
export function initials(name) {
  const parts = name.split(/[\s._-]+/u).filter(Boolean);
  const named = parts.filter((part) => NAMES.test(part));
  const words = named.length ? named : parts;
  return [words.at(0), words.slice(1).at(-1)].map((word = "") => initial(word)).join("") || "?";
}

/**
 * A round of initials on a colour from the username; decoration, the name stands beside it.
 * @param {string} username
 * @param {string} displayName
 */
export function avatar(username, displayName) {
  return el("span", { class: `avatar hue-${hue(username)}`, "aria-hidden": "true" }, initials(displayName));
}
