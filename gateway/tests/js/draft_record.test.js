// Two devices of one person, and what becomes of the draft of each.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as record from "../../static/js/models/draft_record.js";

const draft = (text, more = {}) => ({ text, ...more });
const typed = (text, more = {}) => ({ ...record.EMPTY, text, ...more });
const merged = (before, news, revision = 1) => record.merged(before, news, revision);
const saved = (text) => merged(typed(text), draft(text));

test("what another device wrote is shown where nothing was changed here", () => {
  const shown = merged(record.EMPTY, draft("theirs", { reply_to: 7 }));
  assert.deepEqual([shown.text, shown.reply_to, shown.other], ["theirs", 7, null]);
  assert.equal(record.isUnsaved(shown), false);
  assert.equal(merged(shown, null, 2).text, "");
});

test("what is typed here is never overwritten, and what stands elsewhere is offered", () => {
  const both = merged(typed("mine"), draft("theirs"));
  assert.deepEqual([both.text, both.other, both.theirs], ["mine", draft("theirs"), true]);
  assert.equal(record.isUnsaved(both), false, "until somebody decides, the server keeps the other");
  const used = record.swapped(both);
  assert.deepEqual([used.text, used.other.text, used.theirs], ["theirs", "mine", false]);
  assert.equal(record.isUnsaved(used), false);
  assert.equal(record.swapped(used).text, "mine");
  const kept = record.decided(both);
  assert.deepEqual([kept.text, kept.other, record.isUnsaved(kept)], ["mine", null, true]);
});

test("an offer follows the other device, and goes with what it offers", () => {
  const both = merged(typed("mine"), draft("theirs"));
  assert.equal(merged(both, draft("theirs too"), 2).other.text, "theirs too");
  const gone = merged(both, null, 2);
  assert.deepEqual([gone.text, gone.other, record.isUnsaved(gone)], ["mine", null, true]);
  const alike = merged(both, draft("mine"), 2);
  assert.deepEqual([alike.other, record.isUnsaved(alike)], [null, false]);
});

test("what is sent while there is an offer takes nothing of the other draft", () => {
  const both = merged(typed("mine"), draft("theirs"));
  const sent = { ...both, text: "" };
  assert.deepEqual([merged(sent, draft("theirs"), 1).other.text, record.isUnsaved(sent)], ["theirs", false]);
});

test("the echo of what this device saved is no news, whatever was typed since", () => {
  let mine = record.sending(typed("one"), draft("one"), 0);
  mine = record.sending({ ...mine, text: "one two" }, draft("one two"), 1);
  mine = merged({ ...mine, text: "one two three" }, draft("one two"), 2);
  assert.deepEqual([mine.text, mine.base, mine.sent, mine.other], ["one two three", draft("one two"), [], null]);
  assert.equal(merged(mine, draft("one"), 1), mine, "older news changes nothing");
  const sent = merged(record.sending({ ...saved("one"), text: "" }, null, 1), null, 2);
  assert.ok(record.isNothing(sent));
});

test("a draft whose answer was lost gives way to what another device made of it, and is offered once more", () => {
  const left = record.sending(typed("half"), draft("half"), 4);
  const gone = merged(left, null, 6);
  assert.deepEqual([gone.text, gone.other.text, gone.theirs, record.isUnsaved(gone)], ["", "half", false, false]);
  const more = merged(left, draft("half a thought"), 6);
  assert.deepEqual([more.text, more.other], ["half a thought", null]);
  const refused = merged(left, null, 5); // by a change of something else
  assert.deepEqual([refused.text, refused.other, record.isUnsaved(refused)], ["half", null, true]);
  const typedOn = merged({ ...left, text: "half a" }, draft("half a thought"), 6);
  assert.deepEqual([typedOn.text, typedOn.other.text], ["half a", "half a thought"]);
});

test("a message that was sent elsewhere leaves what was typed here since", () => {
  const more = { ...saved("hello"), text: "hello you" };
  const after = merged(more, null, 2);
  assert.deepEqual([after.text, after.other, record.isUnsaved(after)], ["hello you", null, true]);
});

test("blank text is no draft, and what is no text is not sent", () => {
  assert.equal(record.kept(draft("  \n")), null);
  assert.equal(record.isUnsaved(typed(" ")), false);
  assert.deepEqual(record.kept(draft("a\0b\ud800")), draft("ab\ufffd", { reply_to: undefined }));
});

test("drafts of earlier versions are texts, also those that look like something else", () => {
  for (const text of ["a draft", "5", "null", '{"a":1}', ""]) assert.equal(record.parsed(text).text, text);
  const kept = typed("new", { reply_to: 3 });
  assert.deepEqual(record.parsed(JSON.stringify(kept)), kept);
});
