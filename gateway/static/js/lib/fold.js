// Where the words that were searched for stand in a text: a small fold that agrees with shared/plumbing/folding.py for
// case, width and accents. The server decides what is found; this only marks it.

import { lazily } from "./lazily.js";

// Scripts without spaces between words: what is searched for there stands anywhere in the text.
const UNSPACED = "\\p{scx=Hani}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}";
const SIGN = "[\\p{Extended_Pictographic}[\\p{S}--[\\x00-\\x7f]]]";
const patterns = lazily(() => ({
  piece: new RegExp(
    `(?<unspaced>[${UNSPACED}]+)|(?<sign>\\p{RI}{2}|${SIGN})|(?<word>[[\\p{L}\\p{M}\\p{N}]--[${UNSPACED}]--${SIGN}]+)`,
    "gv",
  ),
  pictograph: /\p{Extended_Pictographic}/v,
  dropped: /[\p{DI}\p{EMod}\u0640\u02bb\u02be\u02bf]/v,
  accent:
    /[[\p{M}&&[\p{scx=Latn}\p{scx=Grek}\p{scx=Cyrl}\p{scx=Hebr}\p{scx=Arab}\p{scx=Syrc}\p{scx=Zinh}]]--[\p{scx=Hira}\p{scx=Deva}]]/v,
  accented: /[\p{scx=Latn}\p{scx=Grek}]/v,
}));
/** @type {Record<string, string>} letters that are others to those who search */
const OTHERS = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ħ: "h",
  ŧ: "t",
  ı: "i",
  ð: "d",
  þ: "th",
  ĸ: "q",
  ŋ: "n",
  ς: "σ",
  ё: "е",
  ѐ: "е",
  ѝ: "и",
  ʼ: "'",
  "’": "'",
  أ: "ا",
  إ: "ا",
  آ: "ا",
  ٱ: "ا",
  ك: "ک",
  ي: "ی",
};

/** @type {Map<string, string>} */
const forms = new Map();

/** @param {string} char */
function formOf(char) {
  const { pictograph, dropped, accent, accented } = patterns();
  if (pictograph.test(char)) return char;
  if (dropped.test(char) || accent.test(char)) return "";
  const lower = char.normalize("NFKC").toLowerCase();
  const bare = accented.test(char) ? lower.normalize("NFD").replace(/\p{M}/gv, "") : lower;
  return Array.from(bare, (one) => OTHERS[one] ?? one).join("");
}

/**
 * A text as it is compared, and for each unit of that where in the text it comes from.
 * @param {string} text
 */
export function folded(text) {
  let form = "";
  /** @type {number[]} */
  const at = [];
  let start = 0;
  for (const char of text) {
    const known = forms.get(char) ?? formOf(char);
    forms.set(char, known);
    for (let unit = 0; unit < known.length; unit += 1) at.push(start);
    form += known;
    start += char.length;
  }
  at.push(text.length);
  return { form, at };
}

/**
 * Where words of the query stand in the text, the last one perhaps only its beginning: in order, none in another.
 * @param {string} text
 * @param {string} query
 * @returns {[start: number, end: number][]}
 */
export function marks(text, query) {
  const { piece: pattern } = patterns();
  const asked = [...folded(query).form.matchAll(pattern)];
  const last = asked.at(-1)?.groups?.word;
  const whole = new Set((last ? asked.slice(0, -1) : asked).map(([word]) => word));
  const { form, at } = folded(text);
  /** @type {[number, number][]} */
  const found = [];
  for (const { 0: piece, index, groups } of form.matchAll(pattern)) {
    const length = groups?.unspaced
      ? 0
      : whole.has(piece)
        ? piece.length
        : last && piece.startsWith(last)
          ? last.length
          : 0;
    if (length) found.push([at[index], at[index + length]]);
    if (groups?.unspaced)
      found.push(...within(piece, whole).map(([start, end]) => mark(at, index + start, index + end)));
  }
  return found;
}

/**
 * @param {number[]} at
 * @param {number} start
 * @param {number} end
 * @returns {[number, number]}
 */
const mark = (at, start, end) => [at[start], at[end]];

/**
 * Where words stand in a run of characters without spaces.
 * @param {string} piece
 * @param {Set<string>} words
 */
function within(piece, words) {
  /** @type {[number, number][]} */
  const found = [];
  let from = 0;
  while (from < piece.length) {
    const word = [...words].find((each) => piece.startsWith(each, from));
    if (word) found.push([from, from + word.length]);
    from += word?.length ?? 1;
  }
  return found;
}
