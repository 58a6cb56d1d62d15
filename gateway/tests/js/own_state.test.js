// What one keeps about a thread for oneself: what counts when, and what the page shows before the server has answered.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { OwnState } from "../../static/js/models/own_state.js";
import { OwnStates } from "../../static/js/models/own_states.js";
import { Store } from "../../static/js/models/store.js";

const NOW = Date.UTC(2026, 10, 29);
const SOON = new Date(NOW + 60_000).toISOString();

let store;
let calls;
let reads;
let connected;
let states;
let thread;

/** Of a thread in which nobody has written. */
const threadState = async (username) => {
  calls.push({ username });
  return { revision: 5, draft: { text: "to a stranger" } };
};

/** Calls that the test answers. */
const changeState = (username, patch) =>
  new Promise((answer, refuse) => {
    calls.push({ username, patch, answer, refuse });
  });

const turn = () => new Promise((done) => setImmediate(done));

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: NOW });
  store = new Store("ann");
  [calls, reads, connected] = [[], [], true];
  const sendRead = (username, seq) => connected && reads.push([username, seq]) > 0;
  states = new OwnStates({ store, sendRead, calls: { changeState, threadState } });
  thread = store.thread("bob");
  const row = { username: "bob", display_name: "Bob", head: 4, unread: 0, read: 4, peer_read: 0 };
  store.rows([{ ...row, last_message: message(4) }]);
});

const message = (seq) => ({ thread: "bob", seq, sender: "bob", client_id: `c${seq}`, version: seq, text: "hi" });
const sent = (seq) => ({ type: "message", sent_at: SOON, ...message(seq) });

test("news that others have overtaken changes nothing", () => {
  const own = new OwnState();
  own.take({ revision: 3, muted_until: "forever" });
  own.take({ revision: 2 });
  own.take();
  assert.equal(own.isMuted(NOW), true);
});

test("a thread is muted until its time has come, and is drawn again then", () => {
  store.state("bob", { revision: 1, muted_until: SOON });
  assert.deepEqual([thread.muted, thread.quiet], [true, true]);
  let drawn = 0;
  store.on("inbox", () => {
    drawn += 1;
  });
  mock.timers.tick(60_001);
  assert.deepEqual([thread.muted, drawn], [false, 1]);
});

test("what is archived until something new comes is back with the next message, whatever comes first", () => {
  store.state("bob", { revision: 1, archived: "until-new", archived_through: 4 });
  assert.equal(thread.archived, "until-new");
  store.apply(sent(5));
  assert.equal(thread.archived, null);
  store.state("bob", { revision: 1, archived: "until-new", archived_through: 4 }); // told late
  assert.equal(thread.archived, null);
  store.state("bob", { revision: 2, archived: "always" });
  store.apply(sent(6));
  assert.equal(thread.archived, "always");
});

test("the title counts neither what is muted nor what is archived, and a mark as one", () => {
  store.apply(sent(5));
  store.apply(sent(6));
  assert.equal(store.unread, 2);
  store.state("bob", { revision: 1, marked_unread: true });
  assert.equal(store.unread, 2);
  store.read("bob", 6);
  assert.equal(store.unread, 1);
  for (const quiet of [{ muted_until: "forever" }, { archived: "always" }]) {
    store.state("bob", { revision: thread.own.kept.revision + 1, marked_unread: true, ...quiet });
    assert.equal(store.unread, 0);
  }
});

test("a change shows at once, and is taken back where it is refused", async () => {
  const failed = [];
  states.on("failed", ({ thread, error }) => failed.push(thread, error.message));
  states.change("bob", { archived: "until-new" });
  assert.equal(thread.archived, "until-new");
  await turn();
  calls[0].refuse(new Error("no"));
  await turn();
  assert.deepEqual([thread.archived, failed], [null, ["bob", "no"]]);
});

test("changes of one thread go one after the other, and the last one shows", async () => {
  states.change("bob", { muted_until: "forever" });
  states.change("bob", { muted_until: null });
  assert.equal(thread.muted, false);
  await turn();
  assert.equal(calls.length, 1);
  calls[0].answer({ revision: 1, muted_until: "forever" });
  await turn();
  assert.deepEqual([thread.muted, calls[1].patch], [false, { muted_until: null }]);
  calls[1].answer({ revision: 2 });
  await turn();
  assert.equal(thread.muted, false);
});

test("opening a thread ends its mark, once there is a connection to say so", () => {
  store.state("bob", { revision: 1, marked_unread: true });
  connected = false;
  states.seen("bob");
  assert.deepEqual([thread.own.isMarked, reads], [false, []]);
  connected = true;
  store.welcome({ bob: { display_name: "Bob", head: 4, read: 4, peer_read: 0, state: thread.own.kept } });
  assert.deepEqual([thread.own.isMarked, reads], [false, [["bob", 4]]]);
  store.state("bob", { revision: 2 });
  store.state("bob", { revision: 3, marked_unread: true }); // by another device
  assert.deepEqual([thread.own.isMarked, reads.length], [true, 1]);
});

test("a thread that was opened before anything was known of it is read when it turns out to be marked", () => {
  const other = store.thread("eve");
  states.seen("eve");
  const summary = { username: "eve", display_name: "Eve", head: 2, unread: 0, read: 2, peer_read: 0 };
  store.rows([{ ...summary, last_message: null, state: { revision: 5, marked_unread: true } }]);
  assert.deepEqual([other.own.isMarked, reads], [false, [["eve", 2]]]);
});

test("what is kept of a thread without messages is asked for when it is opened, once there is a connection", async () => {
  states.open("bob"); // of whom a row has told
  states.open("eve");
  assert.deepEqual(calls, []);
  states.connected();
  await turn();
  assert.deepEqual(calls, [{ username: "eve" }]);
  assert.equal(store.thread("eve").own.kept.draft.text, "to a stranger");
  states.open("eve");
  assert.equal(calls.length, 1);
});
