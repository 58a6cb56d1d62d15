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

/** @param {string} text */
export const isBlank = (text) => !/[^\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]/u.test(text);

const FEW_EMOJI = /^\p{RGI_Emoji}{1,8}$/v;
const LONGEST = 8 * 16;

/**
 * One to eight emoji and nothing else: shown large. Not what is a letter, a digit or a sign by itself.
 * @param {string} text
 */
export function isOnlyEmoji(text) {
  const bare = text.replace(/\s/g, "");
  return bare.length <= LONGEST && FEW_EMOJI.test(bare);
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
