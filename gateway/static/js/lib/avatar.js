import { el } from "./dom.js";
import { lazily } from "./lazily.js";

const HUES = 8;

/** @param {string} username */
function hue(username) {
  let hash = 7;
  for (const char of username) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return hash % HUES;
}

const graphemes = lazily(() => new Intl.Segmenter(undefined, { granularity: "grapheme" }));
// No mark can follow: most names, which then need no segmenter.
const PLAIN_INITIAL = /^[a-z\d](?=[ -~]|$)/i;
// Not the modifier letters: they stand for quotes, for stress and for the start of a vowel.
const shown = lazily(() => /[[\p{Alphabetic}\p{N}\p{RI}\p{Emoji_Presentation}]--\p{Lm}]/v);
const names = lazily(() => /[\p{Alphabetic}\p{N}\p{RI}\p{Extended_Pictographic}]/v);

/**
 * What a reader sees as the first letter of a word: a whole flag, a letter with its marks, never a bracket before it.
 * @param {string} word
 */
function initial(word) {
  const [plain] = PLAIN_INITIAL.exec(word) ?? [];
  if (plain) return plain.toUpperCase();
  const letters = Array.from(graphemes().segment(word), ({ segment }) => segment);
  const first = letters.find((letter) => shown().test(letter)) ?? letters[0] ?? "";
  const capital = first.toUpperCase();
  // ß would become SS, and Georgian has no capitals in names.
  const fits = [...graphemes().segment(capital)].length === 1 && !/\p{Script=Georgian}/u.test(first);
  return fits ? capital : first;
}

/**
 * The initials of the first and last word of a name.
 * @param {string} name
 */
export function initials(name) {
  const parts = name.split(/[\s._-]+/u).filter(Boolean);
  const named = parts.filter((part) => PLAIN_INITIAL.test(part) || names().test(part));
  const words = named.length ? named : parts;
  return [words.at(0), words.slice(1).at(-1)].map((word) => (word ? initial(word) : "")).join("") || "?";
}

/**
 * A round of initials on a colour from the username; decoration, the name stands beside it.
 * @param {string} username
 * @param {string} displayName
 */
export function avatar(username, displayName) {
  return el("span", { class: `avatar hue-${hue(username)}`, "aria-hidden": "true" }, initials(displayName));
}
