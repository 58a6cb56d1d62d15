// Formatting as people type it: what becomes of a text, and that nothing of it is lost.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { format, plain, written } from "../../static/js/lib/format.js";
import { bare, hostileTexts, judged, ours, randomTexts } from "./format_shapes.js";

const CASES = JSON.parse(readFileSync(new URL("format_corpus.json", import.meta.url), "utf8"));
const MAX_CODE_POINTS = 4000;
const SOON_MS = 25;

test("a text becomes the tree that the corpus says", () => {
  for (const { source, tree } of CASES) assert.deepEqual(ours(source), tree, source);
});

test("the judge agrees, but where the corpus says why not", () => {
  for (const { source, tree, differs } of CASES) {
    const [one, other] = [bare(tree), bare(judged(source))];
    if (differs) assert.notDeepEqual(one, other, source);
    else assert.deepEqual(one, other, source);
  }
});

test("no character is lost", () => {
  const texts = [...CASES.map(({ source }) => source), ...hostileTexts(400), ...randomTexts(5000)];
  for (const text of texts) assert.equal(written(format(text)), text);
});

test("lines may end as on another system", () => {
  const kinds = format("> a\r\n>\r\n> b\r\n```js\r\nc\r\n```").map(({ kind }) => kind);
  assert.deepEqual(kinds, ["quote", "pre"]);
});

test("without its markers a text still has its words, its lines and its lists", () => {
  assert.equal(plain("*Meet* at `noon`,\n\n~~or~~ _later_"), "Meet at noon,\n\nor later");
  assert.equal(plain("> *why*?\n- 2*3*4\n1. [x]"), "> why?\n- 2*3*4\n1. [x]");
  assert.equal(plain("```js\nlet a = `b`;\n```\nis *it*"), "let a = `b`;\nis it");
  for (const text of randomTexts(500, 2)) assert.equal(plain(text).split("\n").length <= text.split("\n").length, true);
});

test("no message keeps its reader waiting", () => {
  const wait = (text) => {
    const started = process.cpuUsage(); // what others do on the machine is not in it
    format(text);
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1000;
  };
  const slow = hostileTexts(MAX_CODE_POINTS).filter((text) => [1, 2, 3, 4, 5].every(() => wait(text) > SOON_MS));
  assert.deepEqual(
    slow.map((text) => text.slice(0, 20)),
    [],
  );
});
