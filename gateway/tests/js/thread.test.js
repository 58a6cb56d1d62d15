// A thread and what the log shows of it, as messages in it change.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Thread } from "../../static/js/models/thread.js";
import { items } from "../../static/js/views/items.js";

const SENT_AT = "2026-11-23T10:00:00Z";

const message = (seq, more = {}) => {
  const sender = seq % 2 ? "ann" : "bob"; // ann is me
  return {
    thread: "bob",
    seq,
    sender,
    client_id: `c${seq}`,
    sent_at: SENT_AT,
    version: seq,
    text: `text ${seq}`,
    ...more,
  };
};
const sent = ({ version, ...more }) => ({ type: "message", ...more });
const event = (seq, kind, body, sender = "ann") => {
  const told = { thread: "bob", seq, kind, sender, client_id: `c${seq}`, sent_at: "2026-11-23T11:00:00Z", body };
  return { type: "event", ...told };
};
const entry = (more) => ({ client_id: "e", thread: "bob", created_at: SENT_AT, failed: null, sent: null, ...more });
const change = (kind, target, more = {}) => entry({ client_id: kind, kind, body: { target, ...more } });

let thread;
beforeEach(() => {
  thread = new Thread("bob", "ann");
  const quoted = [message(2)];
  const messages = [message(11, { reply_to: 2 }), message(12), message(15, { reply_to: 12 })];
  thread.applyNewest({ messages, quoted, head: 20, read: 20, more: true, complete: false });
});

const shown = (entries = []) => items(thread, entries, null).filter(({ kind }) => kind === "message");
const item = (seq, entries = []) => shown(entries).find((one) => one.seq === seq);

test("an own message is found by what it was sent with, also while another part of the log is shown", () => {
  thread.apply(sent(message(21, { client_id: "mine" })));
  thread.runs.open({ messages: [message(3)], from: 1, to: 4 }, 3);
  assert.deepEqual(
    [thread.far?.to, thread.runs.written("ann", "mine")?.text, thread.runs.written("ann", "c12")],
    [4, "text 21", undefined],
  );
});

test("changes reach what is held, the last message and what is quoted, and move the head", () => {
  thread.apply(event(21, "edit", { target: 15, text: "fifteen" }));
  thread.apply(event(22, "reaction", { target: 12, emoji: "👍" }, "bob"));
  thread.apply(event(23, "edit", { target: 2, text: "two" }, "bob"));
  thread.apply(event(24, "delete", { target: 1 }));
  assert.deepEqual([thread.find(15).text, thread.last_message.text, thread.head], ["fifteen", "fifteen", 24]);
  assert.deepEqual(thread.find(12).reactions, [{ emoji: "👍", by: ["bob"] }]);
  assert.deepEqual(item(11).reply, { seq: 2, sender: "bob", text: "two", deleted: false });
  assert.deepEqual(
    [1, 13, 21].map((seq) => thread.find(seq)),
    [null, null, null],
  );
});

test("changes make nothing unread", () => {
  const head = { seq: thread.head };
  thread.apply(event(head.seq + 1, "edit", { target: 12, text: "twelve" }, "bob"));
  thread.apply(sent(message(22)));
  thread.apply(event(23, "delete", { target: 22 }, "bob"));
  assert.deepEqual([thread.unread, thread.doubtful], [1, false]);
});

test("the last message of a thread that is not loaded follows its changes", () => {
  const row = { display_name: "Bob", head: 20, unread: 0, read: 20, peer_read: 0, last_message: message(15) };
  const closed = new Thread("bob", "ann");
  closed.applyRow(row);
  closed.apply(event(21, "edit", { target: 15, text: "fifteen" }));
  assert.deepEqual([closed.last_message.text, closed.last_message.version], ["fifteen", 21]);
  closed.apply(event(22, "delete", { target: 15 }));
  assert.equal(closed.last_message.text, undefined);
});

test("events that a page of the history has seen change nothing when they are replayed", () => {
  const edited = message(12, { version: 19, text: "twice", edited_at: SENT_AT });
  thread.applyNewest({ messages: [edited], quoted: [], head: 20, read: 20, more: true, complete: false });
  for (const [seq, text] of [
    [18, "once"],
    [19, "twice"],
  ])
    thread.apply(event(seq, "edit", { target: 12, text }, "bob"));
  assert.equal(thread.find(12), edited);
});

test("a quotation that is older than what is known of it does not take its place", () => {
  thread.apply(event(21, "edit", { target: 2, text: "two" }, "bob"));
  thread.applyOlder(11, { messages: [message(9, { reply_to: 2 })], quoted: [message(2)], complete: false });
  assert.equal(item(9).reply.text, "two");
  thread.applyOlder(9, {
    messages: [message(2, { version: 21, text: "two", edited_at: SENT_AT })],
    quoted: [],
    complete: true,
  });
  thread.apply(event(22, "delete", { target: 2 }, "bob"));
  assert.deepEqual(item(11).reply, { seq: 2, sender: "bob", text: null, deleted: true });
});

test("a message held answers one that is there, or nobody knows yet, or never was", () => {
  thread.apply(sent(message(21, { reply_to: 5 })));
  assert.deepEqual([item(21).replyTo, item(21).reply, item(12).replyTo], [5, null, null]);
  assert.equal(item(15).reply.text, "text 12");
  thread.applyQuoted(5, message(6));
  assert.deepEqual([item(21).reply, thread.quoted.has(5)], [null, true]);
  thread.applyQuoted(5, message(5));
  assert.equal(item(21).reply.text, "text 5");
});

test("a new log is quoted anew", () => {
  thread.forget();
  assert.equal(thread.find(2), null);
});

test("the log shows what waits in the outbox, in messages and in what quotes them", () => {
  const entries = [
    change("edit", 15, { text: "better" }),
    change("delete", 11),
    change("reaction", 12, { emoji: "🎉" }),
  ];
  const { text, edited, changing, changeFailed } = item(15, entries);
  assert.deepEqual([text, edited, changing, changeFailed], ["better", true, true, null]);
  assert.deepEqual([item(11, entries).text, item(11, entries).deleted], ["", true]);
  assert.deepEqual(item(12, entries).reactions, [{ emoji: "🎉", by: ["ann"], own: true }]);
  assert.equal(item(15, [change("edit", 12, { text: "twelve" })]).reply.text, "twelve");
  assert.equal(item(12).changing, false);
});

test("a change that failed says why, and shows the message as it is", () => {
  const failed = { ...change("edit", 15, { text: "better" }), failed: "No." };
  const { text, changing, changeFailed, failedChange } = item(15, [failed]);
  assert.deepEqual([text, changing, changeFailed, failedChange], ["text 15", false, "No.", "edit"]);
  assert.equal(item(15, [failed]).failedKind, "edit");
  assert.equal(item(15, [{ ...change("delete", 15), failed: "No." }]).failedKind, "delete");
});

test("a message that is not in the log yet shows what it is to become, and what it answers", () => {
  const said = { text: "hello", reply_to: 2 };
  const [plain, edited, deleted] = [null, { kind: "edit", text: "hi" }, { kind: "delete" }].map((next) =>
    shown([entry({ ...said, next })]).at(-1),
  );
  assert.deepEqual([plain.text, plain.changing, plain.reply.text], ["hello", false, "text 2"]);
  assert.deepEqual([edited.text, edited.changing, edited.state], ["hi", true, "sending"]);
  assert.deepEqual([deleted.text, deleted.deleted], ["", true]);
  const acknowledged = [entry({ text: "hello", sent: 30 }), change("edit", 30, { text: "hi" })];
  assert.deepEqual([shown(acknowledged).at(-1).text, shown(acknowledged).length], ["hi", 4]);
});

test("reactions stand in one order, however they came", () => {
  const [mine, bobs] = [
    { emoji: "🎉", by: ["ann"] },
    { emoji: "👍", by: ["bob"] },
  ];
  for (const reactions of [
    [mine, bobs],
    [bobs, mine],
  ]) {
    thread.messages[1] = message(12, { reactions });
    assert.deepEqual(
      item(12).reactions.map(({ emoji, own }) => [emoji, own]),
      [
        ["👍", false],
        ["🎉", true],
      ],
    );
  }
  thread.messages[1] = message(12, { reactions: [{ emoji: "👍", by: ["ann", "bob"] }] });
  assert.deepEqual(item(12).reactions, [{ emoji: "👍", by: ["bob", "ann"], own: true }]);
});

test("nothing says Sent or Read below a message that is gone; the last own one before it does", () => {
  const states = (entries) => shown(entries).flatMap(({ seq, state }) => (state ? [[seq, state]] : []));
  thread.applyPeerRead(12);
  assert.deepEqual(states(), [[15, "sent"]]);
  assert.deepEqual(states([change("delete", 15)]), [[11, "read"]]);
  thread.apply(event(21, "delete", { target: 15 }));
  assert.deepEqual(states(), [[11, "read"]]);
});

test("a row that was fetched before the thread was read counts nothing of it as unread", () => {
  const other = new Thread("bob", "ann");
  const row = {
    display_name: "Bob",
    head: 2,
    read: 0,
    peer_read: 0,
    delivered: 0,
    peer_delivered: 0,
    unread: 2,
    last_message: message(2),
    last_at: SENT_AT,
  };
  other.applyRow(row);
  assert.equal(other.unread, 2);
  other.apply(sent(message(3)));
  other.applyRead(3);
  other.applyRow(row);
  assert.equal(other.unread, 0);
  other.apply(sent(message(4)));
  other.applyRow(row);
  assert.equal(other.unread, 1);
  other.applyRow({ ...row, head: 4, read: 1, unread: 2 });
  assert.equal(other.unread, 1);
  other.applyRow({ ...row, head: 4, read: 3, unread: 1 });
  assert.equal(other.unread, 1);
});
