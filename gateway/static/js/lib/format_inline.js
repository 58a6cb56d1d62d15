// Bold, italic, struck, code and links in a text. What could be meant as it stands (snake_case, 2*3*4, ^_^) stays.

import { lazily } from "./lazily.js";
import { links } from "./links.js";
import { fits } from "./text.js";

/**
 * @typedef {"strong" | "em" | "s"} Style
 * @typedef {{ kind: Style, mark: string, children: Inline[] }} Styled
 * @typedef {{ kind: "code", open: string, text: string, close: string }} Code
 * @typedef {{ kind: "link", text: string }} Link
 * @typedef {string | Styled | Code | Link} Inline
 */

/** @type {Record<string, Style[]>} by marker, the outer one first */
const STYLES = { "*": ["strong"], "**": ["strong"], "***": ["strong", "em"], _: ["em"], "~~": ["s"] };
// A star in a keycap is no marker; an empty line ends what was open.
const MARKERS = /\*+(?!\ufe0f?\u20e3)|_+|~+|\n[^\S\n]*(?=\n)/g;

const WORD = String.raw`[[\p{L}\p{N}\p{Mn}\p{Mc}]--\p{Variation_Selector}]`;
// Where these write no spaces, a marker may stand within a word.
const UNSPACED = String.raw`[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]`;
const OF_CODE = String.raw`[\/\\@#$%&=+\^<>\|]`;
const DRAWN = String.raw`\p{L}\p{N}\p{So}`;

/** @param {string} source zero-width */
const at = (source) => new RegExp(source, "vy");

/** @param {string} word what may not stand outside a marker */
const outside = (word) => ({ before: at(`(?<!${word}|${OF_CODE})`), after: at(`(?!${word}|${OF_CODE})`) });
const patterns = lazily(() => ({
  outsideStars: outside(`[${WORD}--${UNSPACED}]`),
  outsideOthers: outside(WORD),
  freeBefore: at(String.raw`(?<=^|[\s\p{Ps}*_~]|${UNSPACED})`),
  freeAfter: at(String.raw`(?=$|[\s\p{Pe}\p{Terminal_Punctuation}…*_~]|${UNSPACED})`),
  // Inside, beyond the markers that stand together with this one: anything where it is free outside, else a word (or the end of its sentence).
  insideAfter: at(String.raw`(?=[*_~]{0,8}[^\s\p{Pe}*_~])`),
  insideBefore: at(String.raw`(?<=[^\s\p{Ps}*_~][*_~]{0,8})`),
  wordAfter: at(`(?=[*_~]{0,8}[${DRAWN}])`),
  wordBefore: at(String.raw`(?<=[${DRAWN}\p{M}\p{Terminal_Punctuation}…][*_~]{0,8})`),
  something: new RegExp(`[${DRAWN}]`, "u"),
  // "l`eau": a backtick within a word is an accent that went astray.
  tickOpens: at(`(?<![${WORD}--${UNSPACED}])`),
  tickReopens: at(String.raw`(?<=\s\x60)(?=[\p{L}\p{N}])`),
}));

/**
 * What a text within a block is made of.
 * @param {string} text
 */
export function inline(text) {
  const solid = solids(text);
  /** @type {Inline[]} */
  const nodes = [];
  /** @type {Map<string, { node: number, end: number }>} the last one of each marker that could begin something */
  const open = new Map();
  let done = 0;
  const write = (/** @type {Inline} */ node, /** @type {number} */ start, /** @type {number} */ end) => {
    if (done < start) nodes.push(text.slice(done, start));
    nodes.push(node);
    done = end;
  };
  let passed = 0;
  for (const { 0: mark, index: start } of text.matchAll(MARKERS)) {
    for (; solid[passed]?.end <= start; passed += 1) write(solid[passed].node, solid[passed].start, solid[passed].end);
    if (solid[passed]?.start <= start) continue;
    if (mark.startsWith("\n")) open.clear();
    if (!(mark in STYLES)) continue;
    const shape = patterns();
    const end = start + mark.length;
    const { before, after } = mark.startsWith("*") ? shape.outsideStars : shape.outsideOthers;
    const opener = open.get(mark);
    if (
      opener &&
      fits(after, text, end) &&
      fits(fits(shape.freeAfter, text, end) ? shape.insideBefore : shape.wordBefore, text, start)
    ) {
      open.delete(mark);
      if (shape.something.test(text.slice(opener.end, start))) {
        write(mark, start, end);
        const children = nodes.splice(opener.node).slice(1, -1);
        nodes.push(styled(mark, children));
        for (const [other, { node }] of open) if (node > opener.node) open.delete(other);
        continue;
      }
    }
    if (
      fits(before, text, start) &&
      fits(fits(shape.freeBefore, text, start) ? shape.insideAfter : shape.wordAfter, text, end)
    ) {
      write(mark, start, end);
      open.set(mark, { node: nodes.length - 1, end });
    }
  }
  for (const { node, start, end } of solid.slice(passed)) write(node, start, end);
  return joined([...nodes, text.slice(done)]);
}

/**
 * @param {string} mark
 * @param {Inline[]} children
 * @returns {Styled}
 */
function styled(mark, children) {
  const [kind, inner] = STYLES[mark];
  if (!inner) return { kind, mark, children: joined(children) };
  return { kind, mark: mark.slice(1), children: [{ kind: inner, mark: mark[0], children: joined(children) }] };
}

/**
 * Without empty strings, and none beside another.
 * @param {Inline[]} nodes
 */
function joined(nodes) {
  /** @type {Inline[]} */
  const found = [];
  for (const node of nodes) {
    const last = found.at(-1);
    if (typeof node === "string" && typeof last === "string") found[found.length - 1] = last + node;
    else if (node !== "") found.push(node);
  }
  return found;
}

/**
 * The code and the links in a text: nothing is formatted in them.
 * @param {string} text
 */
function solids(text) {
  const found = codes(text);
  let passed = 0;
  const outside = links(text).filter(([start]) => {
    while (found[passed]?.end <= start) passed += 1;
    return !(found[passed]?.start <= start);
  });
  for (const [start, end] of outside) found.push({ start, end, node: { kind: "link", text: text.slice(start, end) } });
  return found.sort((one, other) => one.start - other.start);
}

/**
 * Code within a line: between two equal runs of backticks.
 * @param {string} text
 */
function codes(text) {
  const runs = [...text.matchAll(/\x60+|\n/g)].map(({ 0: run, index }) => ({
    run,
    start: index,
    end: index + run.length,
  }));
  /** @type {Map<string, number>} by run, the next one that can end code in this line */
  const ends = new Map();
  const closers = runs.map(() => -1);
  for (let index = runs.length - 1; index >= 0; index -= 1) {
    const { run, end } = runs[index];
    if (run === "\n") ends.clear();
    closers[index] = ends.get(run) ?? -1;
    if (run !== "\x60" || !fits(patterns().tickReopens, text, end)) ends.set(run, index);
  }
  /** @type {{ start: number, end: number, node: Inline }[]} */
  const found = [];
  for (let index = 0; index < runs.length; index += 1) {
    const { run, start, end } = runs[index];
    const closer = runs[closers[index]];
    if (!closer || run === "\n" || (run === "\x60" && !fits(patterns().tickOpens, text, start))) continue;
    const content = text.slice(end, closer.start);
    if (!content.trim()) continue;
    const pad = content.startsWith(" ") && content.endsWith(" ") ? " " : "";
    const inner = content.slice(pad.length, content.length - pad.length);
    found.push({ start, end: closer.end, node: { kind: "code", open: run + pad, text: inner, close: pad + run } });
    index = closers[index];
  }
  return found;
}
