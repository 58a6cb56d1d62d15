import { el } from "./dom.js";

const HUES = 8;

function hue(username) {
  let hash = 7;
  for (const char of username) hash = (hash * 31 + char.codePointAt(0)) >>> 0;
  return hash % HUES;
}

/** The first letters of the first and last word of a name. */
export function initials(name) {
  const words = name.trim().split(/[\s._-]+/u).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase() || "?";
}

/** A round of initials on a colour from the username; decoration, the name stands beside it. */
export function avatar(username, displayName) {
  return el("span", { class: `avatar hue-${hue(username)}`, "aria-hidden": "true" }, initials(displayName));
}
