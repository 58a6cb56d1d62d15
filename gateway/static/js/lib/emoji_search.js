// How an emoji is found among all, and in which tone of skin.

import { isKnown, recent } from "./emoji.js";
import { local } from "./storage.js";

/** @typedef {[emoji: string, name: string, words: string]} Emoji */

/** @param {string} owner a username */
const toneKey = (owner) => `duet:tone:${owner}`;

/**
 * The skin tone that somebody chose last: a modifier, or "".
 * @param {string} owner
 */
export const tone = (owner) => local.get(toneKey(owner)) ?? "";

/**
 * @param {string} owner
 * @param {string} chosen
 */
export const noteTone = (owner, chosen) => local.set(toneKey(owner), chosen);

/**
 * The emoji in that tone, where it has any.
 * @param {string} emoji
 * @param {string} modifier
 */
export function toned(emoji, modifier) {
  const changed = emoji.replace(/(\p{Emoji_Modifier_Base})\ufe0f?/gu, `$1${modifier}`);
  return modifier && isKnown(changed) ? changed : emoji;
}

/** @param {Emoji[]} all */
export const drawable = (all) => all.filter(([emoji]) => isKnown(emoji));

/**
 * All of them, those used lately first: of what a search finds equally well, those come first.
 * @param {Emoji[]} all
 * @param {string} owner a username
 */
export function latelyFirst(all, owner) {
  const lately = recent(owner);
  return [...all.filter(([emoji]) => lately.includes(emoji)), ...all.filter(([emoji]) => !lately.includes(emoji))];
}

/**
 * Those in whose name or words each word of the query begins one. First what is called just that; then what has it in
 * its name, as whole words or as the beginning of one.
 * @param {Emoji[]} all
 * @param {string} query
 */
export function search(all, query) {
  const wanted = query.trim().toLowerCase().split(/\s+/);
  const typed = wanted.join(" ");
  const fits = (/** @type {Emoji} */ [emoji, name, words]) => {
    const said = ` ${name} ${words}`.toLowerCase();
    return emoji === typed || wanted.every((word) => said.includes(` ${word}`));
  };
  const rank = (/** @type {Emoji} */ [, name]) => {
    const said = ` ${name} `.toLowerCase();
    const isNamed = (/** @type {string} */ end) => wanted.every((word) => said.includes(` ${word}${end}`));
    return [said === ` ${typed} `, isNamed(" "), isNamed(""), true].indexOf(true);
  };
  return all.filter(fits).sort((one, other) => rank(one) - rank(other));
}
