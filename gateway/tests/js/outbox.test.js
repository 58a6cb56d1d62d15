// The outbox alone: what it gives to the socket, and when.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Desk, LATER, MemoryDb, NEVER, pass, turn, until } from "./outbox_desk.js";

const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

let desk;
beforeEach(() => {
  desk = new Desk();
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

test("what is written goes out in order, twenty of a thread unanswered", async () => {
  const tab = await desk.tab({ leads: true });
  await tab.write(...numbers(1, 25));
  assert.deepEqual(tab.took(), numbers(1, 20));
  await tab.outbox.send("eve", "to another");
  assert.deepEqual(tab.took(), ["to another"]);
  tab.acknowledge("1");
  tab.outbox.acknowledged(tab.id("2"), 2);
  assert.deepEqual(tab.took(), ["21", "22"]);
  assert.deepEqual(tab.shown, numbers(2, 25));
});

test("what is written at once waits for what is still being stored before it", async () => {
  const tab = await desk.tab({ leads: true });
  const { add } = desk.db;
  const slow = Promise.withResolvers();
  desk.db.add = async (record) => {
    if (record.text === "one") await slow.promise;
    return add.call(desk.db, record);
  };
  const writing = [tab.write("one"), tab.write("two")];
  await turn();
  assert.deepEqual([tab.took(), tab.shown], [[], ["one", "two"]]);
  slow.resolve();
  await Promise.all(writing);
  assert.deepEqual(tab.took(), ["one", "two"]);
});

test("nothing goes out while nobody is connected, and all of it then", async () => {
  const tab = await desk.tab({ leads: true });
  await tab.write("one");
  tab.outbox.disconnected();
  await tab.write("two");
  await pass(60);
  assert.deepEqual(tab.took(), ["one"]);
  await tab.outbox.connected("log", false);
  assert.deepEqual(tab.took(), ["one", "two"]);
});

test("what the socket does not take goes with the next connection, in order", async () => {
  const tab = await desk.tab({ leads: true });
  tab.open = false;
  await tab.write("one", "two");
  tab.outbox.disconnected();
  tab.open = true;
  await tab.write("three");
  assert.deepEqual(tab.took(), []);
  await tab.outbox.connected("log", false);
  assert.deepEqual(tab.took(), ["one", "two", "three"]);
});

test("rejected messages go again in order after pauses that grow until one is taken", async () => {
  const tab = await desk.tab({ leads: true });
  await tab.write("one", "two");
  tab.took();
  for (const pause of [1, 1.5, 2.5]) {
    tab.reject(LATER, "one", "two");
    await pass(pause - 0.1);
    assert.deepEqual(tab.took(), []);
    await pass(0.1);
    assert.deepEqual(tab.took(), ["one", "two"]);
  }
  tab.acknowledge("one");
  tab.reject(LATER, "two");
  await pass(1);
  assert.deepEqual(tab.took(), ["two"]);
});

test("a thread that has to wait holds up no other, and what is written there meanwhile waits too", async () => {
  const tab = await desk.tab({ leads: true });
  await tab.write("one");
  tab.reject(LATER, "one");
  tab.took();
  await tab.write("two");
  await tab.outbox.send("eve", "to another");
  assert.deepEqual(tab.took(), ["to another"]);
  await pass(1);
  assert.deepEqual(tab.took(), ["one", "two"]);
});

test("a new connection waits out no pause of the last one", async () => {
  const tab = await desk.tab({ leads: true });
  await tab.write("one");
  tab.reject(LATER, "one");
  tab.outbox.disconnected();
  tab.took();
  await tab.outbox.connected("log", false);
  assert.deepEqual(tab.took(), ["one"]);
  await pass(5);
  assert.deepEqual(tab.took(), []);
});

test("a rejected message goes again though it came into the log another way", async () => {
  const tab = await desk.tab({ leads: true });
  await tab.write("one", "two", "three");
  tab.acknowledge("one");
  tab.reject(LATER, "one", "two", "three");
  tab.outbox.acknowledged(tab.id("two"), 2);
  tab.took();
  await pass(1);
  assert.deepEqual(tab.took(), ["one", "two", "three"]);
  tab.acknowledge("three");
  await pass(60);
  assert.deepEqual(tab.took(), []);
});

test("only what was sent not long ago is kept to go again, and all that has no answer", async () => {
  const tab = await desk.tab({ leads: true });
  const ids = {};
  await tab.outbox.send("eve", "no answer");
  for (const text of numbers(1, 2050)) {
    await tab.write(text);
    ids[text] = tab.id(text);
    tab.outbox.acknowledged(ids[text], Number(text));
  }
  tab.took();
  for (const text of ["1", "2050"]) tab.outbox.rejected(ids[text], LATER);
  tab.reject(LATER, "no answer");
  await pass(1);
  assert.deepEqual(tab.took(), ["2050", "no answer"]);
});

test("a message that is refused for good stays, holds up nothing, and goes again as the last when it is told to", async () => {
  const tab = await desk.tab({ leads: true });
  await tab.write("one", "two");
  tab.reject(NEVER, "one");
  assert.deepEqual(tab.shown, ["one: Text is not for Duet.", "two"]);
  tab.took();
  await tab.write("three");
  await pass(60);
  assert.ok(!tab.took().includes("one"));
  await tab.outbox.retry(tab.id("one"));
  assert.deepEqual(tab.took(), ["one"]);
  assert.deepEqual(tab.shown, ["two", "three", "one"]);
  assert.deepEqual(
    desk.db.records.map(({ text }) => text),
    ["two", "three", "one"],
  );
});

test("what is told to go again while the store is read is not what the store said before", async () => {
  const tab = await desk.tab({ leads: true });
  await tab.write("one");
  tab.reject(NEVER, "one");
  await turn();
  tab.took();
  const read = Promise.withResolvers();
  const { all, requeue } = MemoryDb.prototype;
  desk.db.all = async (owner) => {
    const found = await all.call(desk.db, owner);
    await read.promise;
    return found;
  };
  desk.db.requeue = async (...what) => {
    await read.promise; // the browser writes once it has read
    await turn();
    return requeue.apply(desk.db, what);
  };
  const done = [tab.outbox.connected("log", false), tab.outbox.retry(tab.id("one"))];
  read.resolve();
  await Promise.all(done);
  assert.deepEqual([tab.took(), tab.shown], [["one"], ["one"]]);
});

test("what is not answered in time goes again in order", async () => {
  const tab = await desk.tab({ leads: true });
  await tab.write("one", "two");
  tab.took();
  await pass(19);
  assert.deepEqual(tab.took(), []);
  await pass(11);
  assert.deepEqual(tab.took(), ["one", "two"]);
  tab.acknowledge("one", "two");
  await pass(60);
  assert.deepEqual(tab.took(), []);
});

test("the next page sends what was not acknowledged", async () => {
  const tab = await desk.tab({ leads: true });
  await tab.write("one", "two", "three");
  tab.acknowledge("two");
  const next = await desk.tab({ leads: true, log: "log" });
  assert.deepEqual(next.took(), ["one", "three"]);
});

test("a log that goes on from the one before gets what was written for that, any other one does not", async () => {
  const tab = await desk.tab({ leads: true });
  await tab.write("for the first log");
  tab.outbox.disconnected();
  const stranger = await desk.tab({ leads: true, connected: "another log" });
  await stranger.write("for another log");
  assert.deepEqual([stranger.took(), stranger.shown], [["for another log"], ["for another log"]]);
  tab.took();
  await tab.outbox.connected("restored log", true);
  assert.deepEqual([tab.took(), tab.shown], [["for the first log"], ["for the first log"]]);
  const next = await desk.tab({ leads: true, log: "restored log", connected: "restored log" });
  assert.deepEqual(next.took(), ["for the first log"]);
});

test("what was written before any log was known goes to the first one", async () => {
  const tab = await desk.tab({ leads: true, connected: null });
  await tab.write("early");
  await tab.outbox.connected("log", false);
  assert.deepEqual([tab.took(), desk.db.records[0].log], [["early"], "log"]);
});

test("a tab takes the lead when nothing comes of what waits there, and only with a connection", async () => {
  const tab = await desk.tab({ leads: false });
  await tab.write("one");
  await pass(4);
  await tab.write("two");
  tab.acknowledge("one");
  await pass(4.9);
  assert.deepEqual([tab.took(), tab.tabs.asked], [[], 0]);
  tab.outbox.disconnected();
  await pass(60);
  assert.equal(tab.tabs.asked, 0);
  await tab.outbox.connected("log", false);
  await pass(5);
  assert.deepEqual([tab.took(), tab.tabs.asked], [["two"], 1]);
});

test("of two tabs one sends what both show, until the other one takes over", async () => {
  const first = await desk.tab();
  const second = await desk.tab();
  await second.write("one", "two");
  await until(() => first.given.length === 2);
  assert.deepEqual([first.took(), first.shown, second.took()], [["one", "two"], ["one", "two"], []]);
  first.reject(NEVER, "two");
  await until(() => second.shown.includes("two: Text is not for Duet."));
  first.acknowledge("one");
  second.acknowledge("one");
  await second.outbox.retry(second.id("two"));
  await until(() => first.given.length === 1);
  assert.deepEqual([first.took(), second.took()], [["two"], []]);
  await pass(5); // nothing came of it
  await until(() => second.given.length === 1);
  assert.deepEqual(second.took(), ["two"]);
  second.acknowledge("two");
  first.acknowledge("two");
  await first.write("three");
  await until(() => second.given.length === 1);
  assert.deepEqual([first.took(), second.took()], [[], ["three"]]);
});

test("the tab that is left sends when the one that did is gone", async () => {
  const gone = Promise.withResolvers();
  await new Promise((held) => {
    navigator.locks.request(`duet:${desk.owner}:outbox`, () => {
      held();
      return gone.promise;
    });
  });
  const tab = await desk.tab();
  await tab.write("one");
  await turn();
  assert.deepEqual(tab.took(), []);
  gone.resolve();
  await until(() => tab.given.length === 1);
});

for (const [how, request] of Object.entries({
  "never answer": () => new Promise(() => {}),
  "are forbidden": () => Promise.reject(new DOMException("", "SecurityError")),
})) {
  test(`a message is sent where the browser's locks ${how}`, async () => {
    mock.method(navigator.locks, "request", request);
    const tab = await desk.tab();
    await tab.write("one");
    await pass(5); // nothing comes of it
    await pass(2); // the lead is not given
    assert.deepEqual(tab.took(), ["one"]);
  });
}

for (const broken of [["add"], ["all", "add", "update", "remove"]]) {
  test(`storage that fails midway in ${broken} loses nothing, and no order`, async () => {
    const tab = await desk.tab({ leads: true });
    tab.outbox.disconnected();
    await tab.write("one");
    desk.db.broken = broken;
    await tab.write("two");
    desk.db.broken = [];
    await tab.write("three");
    desk.db.broken = broken;
    await tab.outbox.connected("log", false);
    assert.deepEqual(
      [tab.took(), tab.shown],
      [
        ["one", "two", "three"],
        ["one", "two", "three"],
      ],
    );
    tab.reject(NEVER, "two");
    tab.acknowledge("one");
    await turn();
    assert.deepEqual(tab.shown, ["two: Text is not for Duet.", "three"]);
    await tab.outbox.retry(tab.id("two"));
    tab.acknowledge("two", "three");
    await turn();
    assert.deepEqual(tab.shown, []);
  });
}
