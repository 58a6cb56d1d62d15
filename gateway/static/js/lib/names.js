// Names as people chose them: in any script and any direction, and not always unique.

const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/v;

/** @typedef {{username: string, display_name: string}} Person */

/**
 * A name for the middle of a sentence, so that it does not turn the words around it.
 * @param {string} name
 */
export const isolated = (name) => (RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name);

// Cyrillic and Greek letters, each before the Latin one that it is drawn like.
const DRAWN_ALIKE = "аaеeоoрpсcуyхxіiјjѕsһhАAВBЕEКKМMНHОOРPСCТTУYХXІIЈJЅSαaοoνvρpΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX";
const LATIN = new Map(DRAWN_ALIKE.match(/../gu)?.map(([other, latin]) => [other, latin]));

/**
 * Equal for names that a reader takes for the same.
 * @param {string} name
 */
export const look = (name) =>
  name
    .normalize("NFKC")
    .replace(/[\p{Script=Cyrillic}\p{Script=Greek}]/gv, (letter) => LATIN.get(letter) ?? letter)
    .toLowerCase()
    .replace(/[\p{DI}\u2800]/gv, "")
    .trim()
    .replace(/\s+/g, " ");

/**
 * The looks that more than one of these names has.
 * @param {string[]} names
 */
export function shared(names) {
  /** @type {Set<string>} */
  const once = new Set();
  return new Set(names.map(look).filter((one) => once.size === once.add(one).size));
}

/**
 * What the two members of a thread are called in it, by username.
 * @param {Person} one
 * @param {Person} other
 */
export function namesOfTwo(one, other) {
  const alike = look(one.display_name) === look(other.display_name);
  const named = [one, other].map(({ username, display_name }) => [
    username,
    alike ? `${display_name} @${username}` : display_name,
  ]);
  return Object.fromEntries(named);
}
