import { lazily } from "./lazily.js";

export const MAX_CODE_POINTS = 4000;
export const COUNTER_FROM_CODE_POINTS = 3500;

/**
 * What is sent: NFC, without lone surrogates, U+0000 or blank lines around it.
 * @param {string} text
 */
export function normalize(text) {
  return text
    .toWellFormed()
    .replaceAll("\0", "")
    .normalize("NFC")
    .replace(/^\s*\n/, "")
    .trimEnd();
}

/** @param {string} text */
export function codePoints(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

// As the server has it (shared/wire/text.py): spaces, what needs another character, and what has an empty picture.
const drawn = lazily(
  () => /[^\s\p{Z}\p{Cc}\p{Cs}\p{M}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffb\u{13430}-\u{13442}\u{1d159}]/u,
);

/**
 * Whether nothing of it would be drawn.
 * @param {string} text
 */
export const isBlank = (text) => !/[!-~]/.test(text) && !drawn().test(text);

const fewEmoji = lazily(() => /^(?:\p{RGI_Emoji}\ufe0f?){1,8}$/v);
// In a joined emoji each part is drawn as one, also where its selector was left out.
const unselected = lazily(
  () => /(?:(?<=\u200d)|(?=\S\u200d))[\p{Emoji}--\p{Emoji_Presentation}](?![\ufe0f\p{Emoji_Modifier}])/gv,
);
const LONGEST = 8 * 16;

/**
 * One to eight emoji and nothing else; such a message is shown large. Not letters, digits or signs.
 * @param {string} text
 */
export function isOnlyEmoji(text) {
  if (/[a-z]/i.test(text)) return false; // most messages, which then need neither pattern
  const bare = text.replace(/\s/g, "");
  return bare.length <= LONGEST && fewEmoji().test(bare.replace(unselected(), "$&\ufe0f"));
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} many
 */
export const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

/**
 * What a program says ("text is too long"), for a person: "Text is too long."
 * @param {string} words
 */
export function sentence(words) {
  const capital = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/**
 * Whether `pattern`, a sticky one, fits at `at`.
 * @param {RegExp} pattern
 * @param {string} text
 * @param {number} at
 */
export function fits(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.test(text);
}
