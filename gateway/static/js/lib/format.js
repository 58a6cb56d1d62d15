// Finds the formatting that people type: a text becomes a tree, and no character is lost. Linear in the text's length,
// because strangers write messages.

import { inline } from "./format_inline.js";

/** @import { Inline } from "./format_inline.js" */
/**
 * @typedef {{ kind: "text", children: Inline[] }} Lines
 * @typedef {{ kind: "pre", open: string, text: string, close: string }} Fenced
 * @typedef {{ kind: "quote" | "item", prefixes: string[], blocks: Block[] }} Inset prefixes: of each of its lines
 * @typedef {{ kind: "list", ordered: boolean, items: Inset[] }} List
 * @typedef {Lines | Fenced | Inset | List} Block
 */
/** @typedef {[block: Block, next: number] | null} Found next: the line after it */

const MAX_DEPTH = 3;
const FENCE = /^( {0,3}(\x60{3,}))([^\x60]*)$/;
const LANGUAGE = /^[ \t]*[\w+#.-]*\s*$/;
const QUOTE = /^ {0,3}> (?=[^\S\n]*\S)/;
const QUOTED = /^ {0,3}>(?: |\s*$)/;
const BULLET = /^ {0,3}-[ \t]+(?=\S)/;
const NUMBER = /^ {0,3}(?:0|[1-9]\d{0,2})\.[ \t]+(?=\S)/;

/**
 * The blocks of a text; one newline stands between each two.
 * @param {string} text
 */
export const format = (text) => blocks(text.split("\n"), 0);

/**
 * The text of a tree: the source, or without `marks` what is left of it.
 * @param {Block[]} tree
 * @returns {string}
 */
export const written = (tree, marks = true) => tree.map((block) => writtenBlock(block, marks)).join("\n");

/**
 * A text without the markers that are shown as a look.
 * @param {string} text
 */
export const plain = (text) => written(format(text), false);

/**
 * @param {Block} block
 * @param {boolean} marks
 */
function writtenBlock(block, marks) {
  if (block.kind === "text") return writtenInline(block.children, marks);
  if (block.kind === "pre") return marks ? block.open + block.text + block.close : block.text;
  const insets = block.kind === "list" ? block.items : [block];
  return insets.map((inset) => writtenInset(inset, marks)).join("\n");
}

/**
 * @param {Inset} inset
 * @param {boolean} marks
 */
const writtenInset = ({ prefixes, blocks }, marks) =>
  written(blocks, marks)
    .split("\n")
    .map((line, index) => prefixes[index] + line)
    .join("\n");

/**
 * @param {Inline[]} nodes
 * @param {boolean} marks
 * @returns {string}
 */
function writtenInline(nodes, marks) {
  const texts = nodes.map((node) => {
    if (typeof node === "string") return node;
    if (node.kind === "link") return node.text;
    if (node.kind === "code") return marks ? node.open + node.text + node.close : node.text;
    const inner = writtenInline(node.children, marks);
    return marks ? node.mark + inner + node.mark : inner;
  });
  return texts.join("");
}

/**
 * @param {string[]} lines
 * @param {number} depth
 */
function blocks(lines, depth) {
  const fencedAt = fences(lines);
  /** @type {Block[]} */
  const found = [];
  let done = 0;
  const text = (/** @type {number} */ end) => {
    if (done < end) found.push({ kind: "text", children: inline(lines.slice(done, end).join("\n")) });
  };
  for (let start = 0; start < lines.length; ) {
    const [block, next] = fencedAt(start) || (depth < MAX_DEPTH && insetAt(lines, start, depth)) || [null, start + 1];
    if (block) {
      text(start);
      found.push(block);
      done = next;
    }
    start = next;
  }
  text(lines.length);
  return found;
}

/**
 * Finds the fenced block that starts at a line; the lines in order, so that no end is looked for twice in vain.
 * @param {string[]} lines
 */
function fences(lines) {
  let unclosed = Infinity;
  return (/** @type {number} */ start) => {
    const [, open, ticks, info] = FENCE.exec(lines[start]) ?? [];
    if (!ticks || ticks.length >= unclosed) return null;
    for (let line = start + 1; line < lines.length; line += 1) {
      const column = ticksAtEnd(lines[line]);
      if (lines[line].trimEnd().length - column >= ticks.length) return fenced(lines, open, info, start, line, column);
    }
    unclosed = ticks.length;
    return null;
  };
}

/**
 * Where the backticks at the end of a line begin.
 * @param {string} line
 */
function ticksAtEnd(line) {
  let column = line.trimEnd().length;
  while (line[column - 1] === "\x60") column -= 1;
  return column;
}

/**
 * The code from `open` in the line `start` to `column` in the line `end`. Beside the backticks it may begin and end too.
 * @param {string[]} lines
 * @param {string} open
 * @param {string} info what follows `open`: a language, or code
 * @param {number} start
 * @param {number} end
 * @param {number} column
 * @returns {Found}
 */
function fenced(lines, open, info, start, end, column) {
  const last = lines[end].slice(0, column);
  const code = [info, ...lines.slice(start + 1, end), last].join("\n");
  const alone = !last.trim();
  const before = !info.trim() || (alone && LANGUAGE.test(info)) ? `${info}\n` : "";
  const after = alone ? `\n${last}` : "";
  const text = code.slice(before.length, code.length - after.length);
  if (!text.trim()) return null;
  return [{ kind: "pre", open: open + before, text, close: after + lines[end].slice(column) }, end + 1];
}

/**
 * The quote or the list that starts at a line.
 * @param {string[]} lines
 * @param {number} start
 * @param {number} depth
 * @returns {Found}
 */
function insetAt(lines, start, depth) {
  if (QUOTE.test(lines[start])) {
    const prefixes = [];
    for (let next = start; QUOTED.test(lines[next] ?? ""); next += 1) prefixes.push(prefix(QUOTED, lines[next]));
    return [inset("quote", prefixes, lines, start, depth), start + prefixes.length];
  }
  const marker = [BULLET, NUMBER].find((each) => each.test(lines[start]));
  if (!marker) return null;
  const items = [];
  let next = start;
  while (marker.test(lines[next] ?? "")) {
    const first = prefix(marker, lines[next]);
    const prefixes = [first, ...continued(lines, next + 1, first)];
    items.push(inset("item", prefixes, lines, next, depth));
    next += prefixes.length;
  }
  return [{ kind: "list", ordered: marker === NUMBER, items }, next];
}

/**
 * @param {RegExp} pattern
 * @param {string} line
 */
const prefix = (pattern, line) => pattern.exec(line)?.[0] ?? "";

/**
 * What stands before the lines that go on with an item: two spaces more than before its marker, or a tab.
 * @param {string[]} lines
 * @param {number} start
 * @param {string} first what stands before its first line
 */
function continued(lines, start, first) {
  const least = first.search(/\S/) + 2;
  const prefixes = [];
  for (let next = start; next < lines.length; next += 1) {
    const line = lines[next];
    const indent = line.search(/[^ \t]/);
    if (indent < least && !(indent > 0 && line.startsWith("\t"))) break;
    prefixes.push(line.slice(0, Math.min(indent, first.length)));
  }
  return prefixes;
}

/**
 * @param {"quote" | "item"} kind
 * @param {string[]} prefixes
 * @param {string[]} lines
 * @param {number} start
 * @param {number} depth
 * @returns {Inset}
 */
function inset(kind, prefixes, lines, start, depth) {
  const inner = prefixes.map((before, index) => lines[start + index].slice(before.length));
  return { kind, prefixes, blocks: blocks(inner, depth + 1) };
}
