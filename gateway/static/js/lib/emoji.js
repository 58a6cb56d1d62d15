// The emoji that people react with, and those used lately.

import { lazily } from "./lazily.js";
import { local } from "./storage.js";

export const HEART = "❤️";
const USUAL = [HEART, "👍", "😂", "😮", "😢", "🙏"];
// What the browser does not know yet, its fonts seldom draw.
const pattern = lazily(() => /^\p{RGI_Emoji}$/v);

/** @param {string} emoji */
export const isKnown = (emoji) => pattern().test(emoji);

/** @param {string} owner a username */
const key = (owner) => `duet:reactions:${owner}`;

/**
 * Six to choose from at once, in places that stay.
 * @param {string} owner
 * @returns {string[]}
 */
export function recent(owner) {
  const kept = local.recall(key(owner), []);
  const used = Array.isArray(kept) ? kept.filter((each) => typeof each === "string" && isKnown(each)) : [];
  return [...new Set([...used, ...USUAL])].slice(0, USUAL.length);
}

/**
 * One that is not among the six yet comes first, and the last one goes.
 * @param {string} owner
 * @param {string} emoji
 */
export function noteUsed(owner, emoji) {
  const before = recent(owner);
  if (!before.includes(emoji)) local.remember(key(owner), [emoji, ...before].slice(0, USUAL.length));
}
