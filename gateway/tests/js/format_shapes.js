// Trees as the corpus writes them, from our parser and from the judge; and texts made at random.

import MarkdownIt from "markdown-it";
import { format } from "../../static/js/lib/format.js";

const RULES = ["backticks", "emphasis", "strikethrough", "linkify", "fence", "blockquote", "list", "newline"];
const judge = new MarkdownIt("zero", { linkify: true }).enable(RULES);
judge.linkify.set({ fuzzyLink: false, fuzzyEmail: false });

const inlineShape = (node) => {
  if (typeof node === "string") return node;
  return { [node.kind]: node.children?.map(inlineShape) ?? node.text };
};

const blockShape = (block) => {
  if (block.kind === "text") return { p: block.children.map(inlineShape) };
  if (block.kind === "pre") return { pre: block.text };
  if (block.kind === "quote") return { quote: block.blocks.map(blockShape) };
  const items = block.items.map(({ blocks }) => blocks.map(blockShape));
  return block.ordered
    ? { ol: items, numbers: block.items.map(({ prefixes }) => Number(prefixes[0].match(/\d+/)[0])) }
    : { ul: items };
};

export const ours = (source) => format(source).map(blockShape);

const TAGS = { "strong**": "strong", "em*": "strong", em_: "em", "s~~": "s" };
const CONTAINERS = { blockquote: "quote", bullet_list: "ul", ordered_list: "ol", list_item: "item" };

// The judge's tokens open and close: what is between the two becomes the children.
const nested = (tokens, leaf, name) => {
  const stack = [[]];
  for (const token of tokens) {
    if (token.nesting > 0) stack.push([]);
    else if (token.nesting === 0) stack.at(-1).push(...leaf(token));
    else {
      const children = stack.pop();
      stack.at(-1).push(...name(token, children));
    }
  }
  return stack[0];
};

const judgedInline = (tokens) =>
  nested(
    tokens,
    ({ type, content }) =>
      type === "softbreak" || type === "hardbreak" ? ["\n"] : type === "code_inline" ? [{ code: content }] : [content],
    ({ type, markup }, children) =>
      type === "link_close"
        ? [{ link: children.join("") }]
        : [{ [TAGS[type.replace("_close", "") + markup] ?? `other ${markup}`]: joined(children) }],
  );

export const judged = (source) =>
  nested(
    judge.parse(source, {}),
    ({ type, children, content }) =>
      type === "inline" ? joined(judgedInline(children)) : [{ pre: content.replace(/\n$/, "") }],
    ({ type }, children) => {
      const kind = type.replace("_close", "");
      if (kind === "paragraph") return [{ p: children }];
      return kind === "list_item" ? [children] : [{ [CONTAINERS[kind]]: children }];
    },
  );

const joined = (nodes) =>
  nodes.reduce((found, node) => {
    if (typeof node === "string" && typeof found.at(-1) === "string") found.push(found.pop() + node);
    else if (node !== "") found.push(node);
    return found;
  }, []);

// For the judge, blank lines end a paragraph, and the numbers of a list follow from the first.
export const bare = (blocks) => {
  const found = [];
  for (const block of blocks) {
    const children = block.p && trimmed(block.p);
    if (children && found.at(-1)?.p) found.push({ p: joined([...found.pop().p, "\n\n", ...children]) });
    else if (children?.length) found.push({ p: children });
    else if (block.quote) found.push({ quote: bare(block.quote) });
    else if (block.ul || block.ol) found.push({ [block.ul ? "ul" : "ol"]: (block.ul ?? block.ol).map(bare) });
    else if (block.pre !== undefined) found.push({ pre: block.pre });
  }
  return found;
};

const trimmed = (children) => {
  const found = [...children];
  if (typeof found[0] === "string") found[0] = found[0].replace(/^\n+/, "");
  if (typeof found.at(-1) === "string") found.push(found.pop().replace(/\n+$/, ""));
  return found.filter((child) => child !== "");
};

const PARTS = [
  "*",
  "**",
  "***",
  "_",
  "~~",
  "~",
  "`",
  "``",
  "```",
  "> ",
  ">",
  "- ",
  "1. ",
  "12. ",
  "\n",
  "\n\n",
  "  ",
  "\t",
];
const MORE = ["a", "b c", "é", "😀", "❤️", "*️⃣", "שלום", "谢谢", "https://example.com/a_b", ".", "(", ")", "^", "\u200f"];

// Numbers that are always the same ones (mulberry32).
const dice = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let value = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
  return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
};

export function* randomTexts(count, seed = 1) {
  const throwDice = dice(seed);
  const all = [...PARTS, ...MORE];
  for (let made = 0; made < count; made += 1) {
    const parts = Array.from({ length: 1 + throwDice() * 40 }, () => all[Math.floor(throwDice() * all.length)]);
    yield parts.join("");
  }
}

export const hostileTexts = (length) => {
  const kinds = [
    ...PARTS,
    ...MORE,
    "(*",
    "*)",
    "`a ",
    "*a ",
    "a* ",
    "```a\n",
    "- a\n",
    "  - a\n",
    "> > > a\n",
    "> - > - a\n",
    "http://a/(*",
  ];
  const pairs = kinds.flatMap((one) => ["*", "_", "`", "\n", "> ", "(", "a "].map((other) => one + other));
  return [...kinds, ...pairs].map((part) => part.repeat(length / [...part].length));
};
