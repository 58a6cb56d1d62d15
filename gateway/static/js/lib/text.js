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

/**
 * One to eight emoji and nothing else: shown large.
 * @param {string} text
 */
export function isOnlyEmoji(text) {
  const bare = text.replace(/\s/g, "");
  return bare.length > 0 && bare.length <= 60 && EMOJI.test(bare);
}

// Digits, # and * are emoji by Unicode's property; they count only as a keycap.
const ONE =
  "(?:\\p{RI}\\p{RI}|(?![0-9#*])\\p{Emoji}(?:\\p{EMod}|\\uFE0F\\u20E3?)?(?:\\u200D\\p{Emoji}(?:\\p{EMod}|\\uFE0F)?)*|[0-9#*]\\uFE0F?\\u20E3)";
const EMOJI = new RegExp(`^${ONE}{1,8}$`, "u");

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
