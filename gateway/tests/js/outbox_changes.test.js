// Changes to messages in the outbox: what is given to the socket, and what is not.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Desk, LATER, NEVER, pass, turn, until } from "./outbox_desk.js";

const GONE = { title: "Gone", code: "gone", detail: "that message is deleted", retry: false };

let desk;
beforeEach(() => {
  desk = new Desk();
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

/** A tab that leads and has lost its connection, after all that `before` did with it. */
async function offline(before = async () => {}) {
  const tab = await desk.tab({ leads: true });
  await before(tab);
  tab.outbox.disconnected();
  return tab;
}

async function connect(tab) {
  await turn();
  await tab.outbox.connected("log", false);
  await turn();
  return tab.took();
}

const texts = () => desk.db.records.map(({ text, body }) => text ?? body.text);

test("changes go out in one order with the messages, and again in it when the relay wants them again", async () => {
  const tab = await desk.tab({ leads: true });
  await tab.write("one");
  const id = tab.change("edit", 5, { text: "better" });
  tab.change("delete", 6);
  await turn();
  await tab.write("two");
  const all = ["one", "edit 5 better", "delete 6", "two"];
  assert.deepEqual([tab.took(), tab.shown, tab.id("edit 5 better")], [all, all, id]);
  tab.reject(LATER, ...all.slice(1));
  tab.acknowledge("one");
  await pass(1);
  assert.deepEqual(tab.took(), all.slice(1));
  tab.acknowledge(...all.slice(1));
  assert.deepEqual([tab.shown, desk.db.records, tab.outbox.unsent], [[], [], []]);
});

test("a message says which one it answers, also when the next page sends it", async () => {
  const tab = await offline();
  const frames = [];
  await tab.outbox.send("bob", "an answer", 5);
  const next = await desk.tab({ leads: true, log: "log", connected: null });
  next.onFrame = (frame) => frames.push(frame);
  await connect(next);
  assert.deepEqual(
    frames.map(({ type, reply_to }) => [type, reply_to]),
    [["send", 5]],
  );
});

test("the next page sends the changes that were not acknowledged", async () => {
  const tab = await desk.tab({ leads: true });
  tab.change("edit", 5, { text: "better" });
  tab.change("reaction", 6, { emoji: "👍" });
  await turn();
  tab.acknowledge("reaction 6 👍");
  const next = await desk.tab({ leads: true, log: "log" });
  assert.deepEqual(next.took(), ["edit 5 better"]);
});

test("of what was done to a message while nobody was connected only the last goes out", async () => {
  const tab = await offline();
  for (const emoji of ["👍", null, "🎉"]) tab.change("reaction", 5, { emoji });
  for (const text of ["good", "better"]) tab.change("edit", 5, { text });
  tab.change("edit", 6, { text: "secret" });
  tab.change("reaction", 6, { emoji: "👍" });
  tab.change("delete", 6);
  await turn();
  assert.ok(!texts().includes("secret"));
  assert.deepEqual(await connect(tab), ["reaction 5 🎉", "edit 5 better", "delete 6"]);
});

test("what a relay may have got goes before what came after it", async () => {
  const tab = await offline(async (tab) => {
    tab.change("reaction", 5, { emoji: "👍" });
    await turn();
    tab.took();
  });
  tab.change("reaction", 5, { emoji: null });
  assert.deepEqual(await connect(tab), ["reaction 5 👍", "reaction 5"]);
});

test("a message that no relay got becomes what was made of it, or is never sent", async () => {
  const tab = await offline();
  await tab.write("one", "two", "three");
  tab.change("edit", "one", { text: "first" });
  tab.change("delete", "two");
  await turn();
  assert.deepEqual(
    [tab.shown, texts()],
    [
      ["first", "three"],
      ["first", "three"],
    ],
  );
  assert.deepEqual(await connect(tab), ["first", "three"]);
});

test("a message that a relay may have got is sent as it was, and changed once it has a place in the log", async () => {
  const tab = await offline(async (tab) => {
    await tab.write("one", "two", "three");
    tab.took();
  });
  tab.change("edit", "one", { text: "first" });
  tab.change("edit", "two", { text: "second" });
  tab.change("delete", "two");
  assert.deepEqual(await connect(tab), ["one", "two", "three"]);
  tab.outbox.arrived(tab.id("one"), 11);
  tab.outbox.acknowledged(tab.id("two"), 12);
  tab.outbox.arrived(tab.id("two"), 12);
  await turn();
  assert.deepEqual(tab.took(), ["edit 11 first", "delete 12"]);
  assert.deepEqual(tab.shown, ["three", "edit 11 first", "delete 12"]);
});

test("the next page changes it too, and only once whoever else does", async () => {
  const tab = await offline(async (tab) => {
    await tab.write("one");
  });
  tab.change("edit", "one", { text: "first" });
  await turn();
  const next = await desk.tab({ leads: true, log: "log" });
  assert.deepEqual(next.took(), ["one"]);
  for (const page of [tab, next]) page.outbox.arrived(tab.id("one"), 11);
  await turn();
  assert.deepEqual([next.took(), texts()], [["edit 11 first"], ["first"]]);
});

test("a tab that hears of a message makes the change that another one left in that moment", async () => {
  const first = await desk.tab();
  const second = await desk.tab();
  await second.write("one");
  await until(() => first.took().length);
  second.change("edit", "one", { text: "first" });
  first.outbox.arrived(first.id("one"), 11); // told of no change yet
  await turn();
  assert.deepEqual([first.took(), first.shown, texts()], [["edit 11 first"], ["edit 11 first"], ["first"]]);
});

test("a tab whose message another one heard of first changes it once it hears of it too", async () => {
  const first = await desk.tab();
  const second = await desk.tab();
  await second.write("one");
  await until(() => first.took().length);
  first.outbox.arrived(first.id("one"), 11);
  await turn();
  second.change("edit", "one", { text: "first" });
  await first.write("two");
  await until(() => second.shown.includes("two"));
  second.outbox.arrived(second.id("one"), 11);
  await until(() => first.shown.includes("edit 11 first"));
  assert.deepEqual([first.took(), second.took()], [["two", "edit 11 first"], []]);
});

test("a tab that heard of a message before it was told to send it leaves no change to it undone", async () => {
  const first = await desk.tab();
  const second = await desk.tab();
  const writing = second.write("one");
  first.outbox.arrived(second.id("one"), 11);
  second.change("edit", "one", { text: "first" });
  await writing;
  await until(() => first.shown.length);
  assert.deepEqual([first.shown, first.took()], [["edit 11 first"], ["edit 11 first"]]);
});

test("a message that was acknowledged a moment ago is changed by its place in the log", async () => {
  const tab = await desk.tab({ leads: true });
  await tab.write("one", "two");
  tab.outbox.arrived(tab.id("one"), 11);
  tab.outbox.acknowledged(tab.id("two"), 12);
  tab.took();
  tab.change("edit", "one", { text: "first" });
  tab.change("edit", "two", { text: "second" });
  await turn();
  assert.deepEqual(tab.took(), ["edit 11 first", "edit 12 second"]);
  await tab.write("three");
  tab.reject(NEVER, "three");
  tab.outbox.remove(tab.id("three"));
  assert.equal(tab.change("delete", "three"), null);
});

test("what was made of a message is done to it when it is refused", async () => {
  const tab = await desk.tab({ leads: true });
  await tab.write("one", "two");
  tab.change("edit", "one", { text: "first" });
  tab.change("delete", "two");
  tab.reject(NEVER, "one", "two");
  await turn();
  assert.deepEqual([tab.shown, texts()], [["first: Text is not for Duet."], ["first"]]);
});

test("an edit that is refused stays with its text; a reaction and a second deletion are forgotten", async () => {
  const tab = await desk.tab({ leads: true });
  const edit = tab.change("edit", 5, { text: "better" });
  tab.change("reaction", 6, { emoji: "👍" });
  tab.change("delete", 7);
  tab.change("delete", 8);
  await turn();
  tab.took();
  tab.reject(GONE, "edit 5 better", "reaction 6 👍", "delete 7");
  tab.reject(NEVER, "delete 8");
  await turn();
  const failed = ["edit 5 better: That message is deleted.", "delete 8: Text is not for Duet."];
  assert.deepEqual([tab.shown, desk.db.records.length], [failed, 2]);
  await tab.outbox.retry(edit);
  assert.deepEqual(tab.took(), ["edit 5 better"]);
  tab.reject(GONE, "edit 5 better");
  assert.equal(tab.outbox.remove(edit), "better");
  await turn();
  assert.deepEqual(tab.shown, failed.slice(1));
});

test("a later edit or a deletion takes the place of one that was refused", async () => {
  const tab = await desk.tab({ leads: true });
  for (const target of [5, 6]) tab.change("edit", target, { text: "bad" });
  await turn();
  tab.reject(NEVER, "edit 5 bad", "edit 6 bad");
  tab.change("edit", 5, { text: "good" });
  tab.change("delete", 6);
  await turn();
  assert.deepEqual(
    [tab.shown, texts()],
    [
      ["edit 5 good", "delete 6"],
      ["good", undefined],
    ],
  );
});

test("in a log that was restored nothing is changed or answered that might be another message", async () => {
  const tab = await offline();
  await tab.outbox.send("bob", "an answer", 5);
  tab.change("edit", 6, { text: "better" });
  tab.change("delete", 7);
  tab.change("reaction", 8, { emoji: "👍" });
  await turn();
  const frames = [];
  tab.onFrame = (frame) => frames.push(frame);
  await tab.outbox.connected("restored log", true);
  const words = "The message that this was to change is no longer there.";
  assert.deepEqual(tab.shown, ["an answer", `better: ${words}`]);
  assert.deepEqual(
    frames.map(({ text, reply_to }) => [text, reply_to]),
    [["an answer", undefined]],
  );
  const next = await desk.tab({ leads: true, log: "restored log", connected: null });
  assert.deepEqual(next.shown, tab.shown);
  await tab.outbox.retry(tab.id("better"));
  assert.deepEqual(frames.at(-1).type, "send");
});

test("a tab that does not send has its changes sent by the one that does", async () => {
  const first = await desk.tab();
  const second = await desk.tab();
  first.outbox.disconnected();
  second.outbox.disconnected();
  await second.write("one", "two");
  second.change("edit", "one", { text: "first" });
  second.change("delete", "two");
  second.change("reaction", 5, { emoji: "👍" });
  second.change("reaction", 5, { emoji: null });
  for (const tab of [first, second]) await until(() => tab.shown.join() === "first,reaction 5");
  await second.outbox.connected("log", false);
  assert.deepEqual(await connect(first), ["first", "reaction 5"]);
  first.reject(NEVER, "reaction 5");
  await until(() => second.shown.join() === "first");
  assert.deepEqual(second.took(), []);
});

for (const broken of [
  ["add", "update"],
  ["all", "add", "update", "requeue", "remove"],
]) {
  test(`changes are made where the browser's storage fails in ${broken}`, async () => {
    const tab = await offline();
    await tab.write("one", "two");
    desk.db.broken = broken;
    tab.change("edit", "one", { text: "first" });
    tab.change("delete", "two");
    tab.change("edit", 5, { text: "better" });
    assert.deepEqual(await connect(tab), ["first", "edit 5 better"]);
    tab.acknowledge("first", "edit 5 better");
    await turn();
    assert.deepEqual(tab.shown, []);
  });
}
