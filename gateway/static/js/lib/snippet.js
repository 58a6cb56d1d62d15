import { marks } from "./fold.js";

/** @typedef {{ text: string, marked: boolean }} Part of a snippet */

const BEFORE = 40;
const LENGTH = 160;

/**
 * What a text says around the first word that was searched for, in one line, with all such words marked.
 * @param {string} text
 * @param {string} query
 * @returns {Part[]}
 */
export function snippet(text, query) {
  const found = marks(text, query);
  const first = found[0]?.[0] ?? 0;
  const start = first > BEFORE ? wordFrom(text, first - BEFORE, first) : 0;
  const end = start + LENGTH < text.length ? wordTo(text, start + LENGTH, first) : text.length;
  /** @type {Part[]} */
  const parts = start > 0 ? [{ text: "…", marked: false }] : [];
  let at = start;
  for (const [from, to] of found) {
    if (to > end) break;
    parts.push({ text: text.slice(at, from), marked: false }, { text: text.slice(from, to), marked: true });
    at = to;
  }
  parts.push({ text: text.slice(at, end), marked: false });
  if (end < text.length) parts.push({ text: "…", marked: false });
  return parts
    .map(({ text: said, marked }) => ({ text: said.replace(/\s+/g, " "), marked }))
    .filter((part) => part.text);
}

/**
 * The next place where a word begins, but not behind `latest`; never within a character.
 * @param {string} text
 * @param {number} from
 * @param {number} latest
 */
function wordFrom(text, from, latest) {
  const space = text.slice(from, latest).search(/\s/);
  return space >= 0 ? from + space + 1 : whole(text, from);
}

/**
 * The last place where a word has ended, but not before `earliest`.
 * @param {string} text
 * @param {number} to
 * @param {number} earliest
 */
function wordTo(text, to, earliest) {
  const cut = text.slice(earliest, to).trimEnd().replace(/\S+$/, "").trimEnd();
  return cut ? earliest + cut.length : whole(text, to);
}

/**
 * @param {string} text
 * @param {number} at
 */
const whole = (text, at) => (/[\udc00-\udfff]/.test(text[at] ?? "") ? at + 1 : at);
