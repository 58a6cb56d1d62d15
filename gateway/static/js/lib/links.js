// Finds where a web address in running text begins and ends. Looks at each character once, because strangers write messages.

import { lazily } from "./lazily.js";
import { fits } from "./text.js";

const MAX_LENGTH = 2048;
// A bracket that closes no sooner is none: where many are open, what follows each is looked through again for the next link.
const MAX_WITHIN_BRACKETS = 256;

// What is drawn as nothing. Joiners and variation selectors belong to words and emoji, and are no end.
const INVISIBLE = String.raw`[[\p{Cc}\p{Cf}\p{Cs}\p{DI}\u2800]--[\u200c\u200d\p{Variation_Selector}]]`;
// Full stops, quotes and brackets of every script but ASCII's, those that Unicode counts as drawings, and all that is as
// wide as an ideograph.
const FOREIGN = String.raw`[[\p{Terminal_Punctuation}\p{Ps}\p{Pe}\p{Pi}\p{Pf}…⋯❓-❕❗❛-❠]--[\x00-\x7f’]]|[[\u3000-\u303f\uff00-\uffef]&&[\p{P}\p{S}]]`;
const LETTER = String.raw`[[\p{L}\p{N}\p{So}]--[\p{DI}\u2800]]`;
const LABEL = String.raw`${LETTER}(?:${LETTER}|[\p{M}_·・\-\u200c\u200d])*`;
const patterns = lazily(() => ({
  ends: new RegExp(String.raw`\s|[<>"\x60\\]|${INVISIBLE}|${FOREIGN}`, "v"),
  // Part of an address in its middle, and of the sentence at its end.
  loose: /[.,;:!?'*_~´\u200c\u200d]|[[\p{P}\p{Sm}]--[\x00-\x7f]]/v,
  withinWord: /(?<=[\p{L}\p{N}])['’](?=[\p{L}\p{N}])/vy,
  authority: new RegExp(
    String.raw`(?<![a-z\d]|[a-z\d_]_)https?:\/\/(?!https?:)(?:[\p{L}\p{N}._~%+:\-]+@)?(?:\[[\da-f:.]+\]|${LABEL}(?:\.${LABEL})*(?:\.(?=\/))?)(?::\d+)?`,
    "giv",
  ),
}));
// What ends an address together: the sign for a quote or a bracket in HTML, and what stands before the next address.
const ENDS_TOGETHER = /&(?:quot|apos|[lg]t|#39|nbsp);|[,;|→]https?:\/\//iy;
const PLAIN = /[a-z\d/=-]/i;
/** @type {Record<string, string>} */
const CLOSES = { ")": "(", "]": "[", "}": "{" };

// "example.com谢谢": no top-level domain begins in ASCII and goes on in another script.
const GLUED = /(?=[^\x00-\x7f]|_)(?<=\.[a-z\d\-]+|\/localhost)(?:[^\x00-\x7f][^.]*|_+)$/iv;

/**
 * The end of the link that starts at `start` and whose host ends at `at`.
 * @param {string} text
 * @param {number} start
 * @param {number} at
 */
function endOf(text, start, at) {
  if (!"/?#".includes(text.charAt(at))) return at;
  const { ends, loose, withinWord } = patterns();
  const quoted = /['‘]/.test(text.charAt(start - 1));
  const open = [];
  let end = at;
  let paired = true;
  for (const char of text.slice(at, start + MAX_LENGTH)) {
    if (open.length && at > open[0].end + MAX_WITHIN_BRACKETS) break;
    if (PLAIN.test(char)) {
      at += 1;
      end = at;
      continue;
    }
    const within = (char === "'" || char === "’") && fits(withinWord, text, at);
    if (
      ends.test(char) ||
      fits(ENDS_TOGETHER, text, at) ||
      (char === "’" && !within) ||
      (char === "'" && quoted && !within)
    )
      break;
    if (char in CLOSES && open.at(-1)?.char !== CLOSES[char]) break;
    if (char in CLOSES) open.pop();
    if ("([{".includes(char)) open.push({ char, end });
    if (char === "'" && !within) paired = !paired;
    at += char.length;
    if (!loose.test(char) || within || (char === "'" && paired)) end = at;
  }
  return open[0]?.end ?? end;
}

/**
 * Where the http and https addresses in a text are, in order.
 * @param {string} text
 * @returns {[start: number, end: number][]}
 */
export function links(text) {
  /** @type {[number, number][]} */
  const found = [];
  if (!text.includes("://")) return found;
  const { authority: pattern } = patterns();
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [authority] = match;
    const glued = authority.search(GLUED);
    const end = glued > 0 ? match.index + glued : endOf(text, match.index, pattern.lastIndex);
    const link = text.slice(match.index, end).slice(0, MAX_LENGTH);
    if (!URL.canParse(link)) continue;
    pattern.lastIndex = match.index + link.length;
    found.push([match.index, pattern.lastIndex]);
  }
  return found;
}
