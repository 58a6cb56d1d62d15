// How one emoji is found among all.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { search } from "../../static/js/lib/emoji_search.js";

const { emoji: all } = JSON.parse(readFileSync(new URL("../../static/emoji.json", import.meta.url), "utf8"));
const names = (query) => search(all, query).map(([, name]) => name);

test("what is called just that comes first, before what only begins so or stands earlier in the list", () => {
  for (const name of ["red heart", "fire", "dog", "sun", "key", "star"]) assert.equal(names(name)[0], name);
  assert.equal(names(" Red  HEART ")[0], "red heart");
});

test("whole words of a name go before beginnings of words, and names before other words", () => {
  const found = names("car");
  assert.ok(found.indexOf("racing car") < found.indexOf("carrot"));
  const last = found.findLastIndex((name) => ` ${name}`.includes(" car"));
  assert.ok(found.indexOf("carrot") <= last && found.findIndex((name) => !` ${name}`.includes(" car")) > last);
  assert.deepEqual(names("nothing like this"), []);
});
