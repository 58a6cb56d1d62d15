// The formatting of a text as nodes. The markers are not among them; the source stays with the nodes, to copy and to compare.

import { el } from "./dom.js";
import { format } from "./format.js";

/** @import { Block, Inset } from "./format.js" */
/** @import { Inline } from "./format_inline.js" */

/**
 * A text as nodes: as it is, or where something in it is formatted, one node for all of it.
 * @param {string} text
 */
export function formatted(text) {
  const tree = format(text);
  const [first] = tree;
  if (tree.length > 1 || first.kind !== "text")
    return [
      el("div", { class: "formatted", "data-source": text }, ...lined(tree.map((block) => blockNode(block, true)))),
    ];
  const nodes = first.children.map(inlineNode);
  const bare = first.children.every((node) => typeof node === "string" || node.kind === "link");
  return bare ? nodes : [el("span", { class: "formatted", "data-source": text }, ...nodes)];
}

/**
 * The text that `formatted` drew in a node.
 * @param {Element} node
 */
export function sourceOf(node) {
  const drawn = node.firstElementChild;
  return (drawn instanceof HTMLElement && drawn.dataset.source) || node.textContent;
}

/**
 * Blocks with the newlines between them: not drawn, but read with the text.
 * @param {Node[]} nodes
 */
const lined = (nodes) => nodes.flatMap((node, index) => (index ? ["\n", node] : [node]));

/**
 * @param {Block} block
 * @param {boolean} outermost whose direction goes for what is in it
 * @returns {HTMLElement}
 */
function blockNode(block, outermost = false) {
  const dir = outermost && "auto";
  if (block.kind === "text") return textNode(block.children, dir);
  if (block.kind === "pre") return el("pre", { dir: "auto", tabindex: 0 }, el("code", {}, block.text));
  if (block.kind === "list")
    return el(block.ordered ? "ol" : "ul", { dir }, ...lined(block.items.map((item) => itemNode(item, block.ordered))));
  return el("blockquote", { dir }, ...inner(block));
}

/** @param {Inset} inset */
const inner = ({ blocks }) => lined(blocks.map((block) => blockNode(block)));

/**
 * @param {Inset} item
 * @param {boolean} ordered
 */
const itemNode = (item, ordered) =>
  el("li", { value: ordered ? Number.parseInt(item.prefixes[0], 10) : null }, ...inner(item));

/**
 * Lines; the last one has its room even when it is empty.
 * @param {Inline[]} children
 * @param {"auto" | false} dir
 */
function textNode(children, dir) {
  const last = children.at(-1) ?? "\n";
  const empty = typeof last === "string" && last.endsWith("\n");
  return el("div", { dir }, ...children.map(inlineNode), empty ? el("br") : null);
}

/**
 * @param {Inline} node
 * @returns {Node | string}
 */
function inlineNode(node) {
  if (typeof node === "string") return node;
  if (node.kind === "link")
    return el("a", { href: node.text, target: "_blank", rel: "noopener noreferrer" }, node.text);
  if (node.kind === "code") return el("code", { dir: "auto" }, node.text);
  return el(node.kind, {}, ...node.children.map(inlineNode));
}
