// What is told of the peers' messages that have come here.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Deliveries } from "../../static/js/models/deliveries.js";
import { Store } from "../../static/js/models/store.js";
import { items } from "../../static/js/views/items.js";

const AT = "2026-11-23T10:00:00Z";
const message = (thread, seq, sender = thread) => {
  const told = { thread, seq, sender, client_id: `${thread}${seq}`, sent_at: AT, text: `text ${seq}` };
  return { type: "message", ...told };
};
const row = (username, more) => {
  const reach = { head: 0, unread: 0, read: 0, peer_read: 0, delivered: 0, peer_delivered: 0 };
  return { username, display_name: username, last_message: null, ...reach, ...more };
};
const state = (more) => {
  const reach = { head: 0, read: 0, peer_read: 0, delivered: 0, peer_delivered: 0 };
  return { display_name: "Bob", online: false, last_seen: null, ...reach, ...more };
};

let store;
let sent;
let connected;
let leads;
beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  [store, sent, connected, leads] = [new Store("ann"), [], true, true];
  const send = (frame) => connected && sent.push([frame.type, frame.thread, frame.seq]) > 0;
  new Deliveries({ store, send, leads: () => leads });
});
afterEach(() => mock.timers.reset());
const pass = (seconds) => mock.timers.tick(seconds * 1000);
const told = () => sent.splice(0).map(([, thread, seq]) => `${thread} ${seq}`);

test("many messages of many threads, open or not, are told of once a second for each thread", () => {
  for (let seq = 1; seq <= 30; seq += 1) store.apply(message("bob", seq));
  store.apply(message("eve", 7));
  assert.deepEqual(told(), []);
  pass(1);
  assert.deepEqual(sent[0], ["delivered", "bob", 30]);
  assert.deepEqual(told(), ["bob 30", "eve 7"]);
  store.apply(message("bob", 31));
  pass(0.9);
  assert.deepEqual(told(), []);
  pass(0.1);
  assert.deepEqual(told(), ["bob 31"]);
  pass(60);
  assert.deepEqual(told(), []);
});

test("nothing is told of what is read at once, of own messages, of changes, or of what is known already", () => {
  store.apply(message("bob", 1));
  store.read("bob", 1);
  store.apply(message("bob", 2, "ann"));
  store.apply({ ...message("bob", 3), type: "event", kind: "reaction", body: { target: 2, emoji: "👍" } });
  store.rows([row("eve", { head: 9, unread: 1, delivered: 9, last_message: message("eve", 9) })]);
  store.rows([row("cid", { head: 9, read: 9, last_message: message("cid", 9) })]);
  pass(5);
  assert.deepEqual(told(), []);
});

test("what came while nobody was connected is told of after the next welcome, or when its row has come", () => {
  connected = false;
  store.apply(message("bob", 4));
  pass(2);
  assert.deepEqual(told(), []);
  connected = true;
  store.welcome({ bob: state({ head: 4 }), eve: state({ head: 8 }) });
  pass(1);
  assert.deepEqual(told(), ["bob 4"]);
  store.rows([row("eve", { head: 8, unread: 2, last_message: message("eve", 8) })]);
  pass(1);
  assert.deepEqual(told(), ["eve 8"]);
});

test("a tab that does not lead leaves it to the one that does, unless that says nothing", () => {
  leads = false;
  store.apply(message("bob", 1));
  pass(1);
  store.delivered("bob", 1); // the other tab has told it
  pass(1);
  store.apply(message("bob", 2));
  pass(1); // three seconds after the first one
  assert.deepEqual(told(), []);
  store.delivered("bob", 2);
  pass(5);
  assert.deepEqual(told(), []);
  store.apply(message("bob", 3));
  pass(3);
  assert.deepEqual(told(), ["bob 3"]);
});

test("an own message is sent, delivered and read, and never goes back", () => {
  const thread = store.thread("bob");
  const word = () => items(thread, [], null).findLast(({ kind }) => kind === "message").state;
  const quoted = [];
  thread.applyNewest({ messages: [message("bob", 5, "ann")], quoted, head: 5, read: 5, more: false, complete: true });
  assert.equal(word(), "sent");
  store.peerDelivered("bob", 5);
  assert.equal(word(), "delivered");
  store.peerDelivered("bob", 4);
  assert.equal(word(), "delivered");
  store.peerRead("bob", 5);
  store.welcome({ bob: state({ head: 5 }) });
  assert.equal(word(), "read");
});

test("what was read was delivered, whoever says so", () => {
  const [bob, eve] = [store.thread("bob"), store.thread("eve")];
  store.peerRead("bob", 3);
  store.welcome({ eve: state({ head: 9, peer_read: 6, peer_delivered: 6 }) });
  assert.deepEqual([bob.delivered.peers, eve.delivered.peers], [3, 6]);
  store.forget();
  assert.deepEqual([bob.delivered.peers, eve.peer_read], [0, 0]);
});

test("who types is not taken to be here, and who hides when they were last here is not shown to have been", () => {
  store.welcome({ bob: state({ head: 9, last_seen: AT }) });
  store.typing("bob", 0);
  assert.equal(store.thread("bob").online, false);
  store.presence("bob", false, null);
  assert.equal(store.thread("bob").last_seen, null);
});
