// What edits, deletions and reactions make of a message.

import assert from "node:assert/strict";
import { test } from "node:test";
import { applied, fromFrame, isChange, pending } from "../../static/js/models/changes.js";

const MESSAGE = { thread: "bob", seq: 5, sender: "ann", client_id: "c5", sent_at: "t5", version: 5, text: "hi" };
const { text, ...REST } = MESSAGE;

const event = (seq, kind, body, sender = "ann") => ({
  type: "event",
  thread: "bob",
  client_id: `c${seq}`,
  sent_at: `t${seq}`,
  ...{ seq, kind, sender, body: { target: 5, ...body } },
});
const entry = (kind, body, more = {}) => ({ kind, body: { target: 5, ...body }, failed: null, sent: null, ...more });
const after = (...events) => events.reduce(applied, MESSAGE);

test("a frame is the message as it was sent, or without its text once that is deleted", () => {
  const { version, ...sent } = MESSAGE;
  assert.deepEqual(fromFrame({ type: "message", ...sent, reply_to: null }), MESSAGE);
  assert.deepEqual(fromFrame({ type: "message", ...sent, reply_to: 2 }), { ...MESSAGE, reply_to: 2 });
  const deleted = { type: "message", ...sent, text: "", deleted_at: "t9" };
  assert.deepEqual(fromFrame(deleted), { ...REST, deleted_at: "t9" });
});

test("an edit gives the message its text, and a deletion takes all but its place", () => {
  const edited = after(event(6, "edit", { text: "hello" }));
  assert.deepEqual(edited, { ...MESSAGE, version: 6, text: "hello", edited_at: "t6" });
  const reacted = applied({ ...edited, reply_to: 2 }, event(7, "reaction", { emoji: "🎉" }));
  assert.deepEqual(applied(reacted, event(8, "delete")), { ...REST, reply_to: 2, version: 8, deleted_at: "t8" });
});

test("an edit that is replayed without its text is of a message that is deleted by now", () => {
  const edited = after(event(6, "edit"));
  assert.deepEqual(edited, { ...REST, version: 6, deleted_at: "t6" });
  assert.deepEqual(applied(edited, event(7, "delete")), { ...REST, version: 7, deleted_at: "t7" });
});

test("an event that the message has seen, or that is about another, leaves it the same", () => {
  const edited = after(event(6, "edit", { text: "hello" }));
  for (const seq of [4, 5, 6]) assert.equal(applied(edited, event(seq, "edit", { text: "old" })), edited);
  assert.equal(applied(edited, event(7, "edit", { target: 4, text: "of another" })), edited);
});

test("everybody has one reaction, and what nobody has is not there", () => {
  const reactions = (...given) => after(...given.map(([who, emoji], at) => event(6 + at, "reaction", { emoji }, who)));
  const [ann, bob] = [
    ["ann", "🎉"],
    ["bob", "🎉"],
  ];
  assert.deepEqual(reactions(ann, bob).reactions, [{ emoji: "🎉", by: ["ann", "bob"] }]);
  assert.deepEqual(reactions(ann, ann, ["bob", "👍"]).reactions, [
    { emoji: "🎉", by: ["ann"] },
    { emoji: "👍", by: ["bob"] },
  ]);
  assert.deepEqual(reactions(ann, bob, ["ann", "👍"], ["bob", null]).reactions, [{ emoji: "👍", by: ["ann"] }]);
  assert.deepEqual(reactions(ann, ["ann", null]), { ...MESSAGE, version: 7 });
});

test("only changes to messages are changes", () => {
  const kinds = ["edit", "delete", "reaction", "game", "of tomorrow"];
  assert.deepEqual(
    kinds.filter((kind) => isChange(event(6, kind))),
    ["edit", "delete", "reaction"],
  );
  assert.equal(isChange({ type: "message", ...MESSAGE }), false);
});

test("what waits in the outbox shows at once, in order, until the log has it", () => {
  const waiting = [entry("edit", { text: "one" }), entry("edit", { text: "two" }), entry("reaction", { emoji: "👍" })];
  const shown = pending(MESSAGE, waiting, "bob");
  assert.deepEqual([shown.text, shown.changing, shown.version], ["two", true, 5]);
  assert.deepEqual(shown.reactions, [{ emoji: "👍", by: ["bob"] }]);
  assert.equal(pending(MESSAGE, [entry("delete", {})], "ann").text, undefined);
  const acknowledged = [entry("edit", { text: "new" }, { sent: 6 })];
  assert.equal(pending(MESSAGE, acknowledged, "ann").text, "new");
  const newest = { ...MESSAGE, version: 7, text: "newest" };
  assert.equal(pending(newest, acknowledged, "ann"), newest);
});

test("what failed, and what is about another message, does not show", () => {
  const others = [
    { text: "a message", failed: null, sent: null },
    entry("edit", { text: "failed" }, { failed: "No." }),
    entry("edit", { text: "of another", target: 4 }),
  ];
  assert.equal(pending(MESSAGE, others, "ann"), MESSAGE);
});

test("a preview comes and goes by itself, stays with an edit, and goes with the message", () => {
  const said = { url: "https://a.example", title: "A page", site: "Example" };
  const shown = after(event(6, "preview", { of: 5, ...said }));
  assert.deepEqual(shown, { ...MESSAGE, version: 6, preview: said });
  const edited = applied(shown, event(7, "edit", { text: "other" }));
  assert.deepEqual(edited.preview, said);
  assert.deepEqual(applied(edited, event(8, "preview", { of: 7 })).preview, undefined);
  assert.deepEqual(applied(edited, event(8, "preview")).preview, undefined); // as it is replayed once it is deleted
  assert.deepEqual(applied(shown, event(7, "delete")), { ...REST, version: 7, deleted_at: "t7" });
  assert.equal(isChange(event(6, "preview")), true);
});
