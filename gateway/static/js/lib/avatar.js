import { el } from "./dom.js";

const HUES = 8;

/** @param {string} username */
function hue(username) {
  let hash = 7;
  for (const char of username) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return hash % HUES;
}

/**
 * The first letters of the first and last word of a name.
 * @param {string} name
 */
export function initials(name) {
  const words = name
    .trim()
    .split(/[\s._-]+/u)
    .filter(Boolean);
  const letters = [words.at(0), words.slice(1).at(-1)].map((word = "") => [...word][0] ?? "");
  return letters.join("").toUpperCase() || "?";
}

/**
 * A round of initials on a colour from the username; decoration, the name stands beside it.
 * @param {string} username
 * @param {string} displayName
 */
export function avatar(username, displayName) {
  return el("span", { class: `avatar hue-${hue(username)}`, "aria-hidden": "true" }, initials(displayName));
}
