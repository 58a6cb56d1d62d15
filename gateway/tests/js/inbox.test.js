// After a long absence more threads have changed than a welcome names, or a page of the inbox holds.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Inbox } from "../../static/js/models/inbox.js";
import { FULL_WELCOME, Store } from "../../static/js/models/store.js";

const ALL = 5000;

let store;
let inbox;
let threads;
let calls;

/** As GET /api/threads has them, latest first. */
const row = (username, head) => ({
  ...{
    username,
    display_name: username,
    head,
    unread: head - 1,
    read: 1,
    peer_read: 0,
    delivered: 1,
    peer_delivered: 0,
  },
  last_message: { thread: username, seq: head, sender: username, client_id: `${username}${head}`, text: "hi" },
});

const load = async ({ cursor, limit }) => {
  calls += 1;
  const from = Number(cursor ?? 0);
  const next = from + limit < threads.length ? String(from + limit) : null;
  return { threads: threads.slice(from, from + limit), next };
};

const welcome = () =>
  store.welcome(
    Object.fromEntries(
      threads.slice(0, FULL_WELCOME).map(({ username, head }) => [
        username,
        {
          display_name: username,
          head,
          read: 1,
          peer_read: 0,
          online: false,
          last_seen: null,
          delivered: 1,
          peer_delivered: 0,
        },
      ]),
    ),
  );

/** Their peers write while nobody is connected. */
const write = (numbers) => {
  const grown = numbers.map((number) => `u${number}`);
  const names = new Set(grown);
  const heads = new Map(threads.map(({ username, head }) => [username, head]));
  threads = [
    ...grown.map((username) => row(username, heads.get(username) + 1)),
    ...threads.filter(({ username }) => !names.has(username)),
  ];
};

beforeEach(async () => {
  calls = 0;
  threads = Array.from({ length: ALL }, (_, number) => row(`u${number}`, 1));
  store = new Store("ann");
  inbox = new Inbox(store, { load });
  welcome();
  await inbox.refresh();
  for (let page = 1; page < 8; page += 1) await inbox.more();
  assert.equal(calls, 8);
});

test("the 3,000th thread is the first after somebody wrote there, and counts", async () => {
  write([3000]);
  welcome();
  assert.ok(store.stale);
  await inbox.refresh();
  assert.equal(store.unread, 1);
  assert.equal(store.thread("u3000").last_message.seq, 2);
  assert.equal(calls, 9);
});

test("what is listed and has changed is read anew, beyond the first page", async () => {
  write(Array.from({ length: 120 }, (_, number) => number));
  welcome();
  await inbox.refresh();
  assert.equal(store.unread, 120);
  assert.equal(calls, 11);
  assert.ok(!store.staleRow);
});

test("and beyond what the welcome names", async () => {
  write(Array.from({ length: 350 }, (_, number) => number));
  welcome();
  await inbox.refresh();
  assert.equal(store.unread, 350);
  assert.ok(!store.staleRow);
});

test("who has more of them than 1,000 has the latest counted; the others are read when they are wanted", async () => {
  write(Array.from({ length: 4000 }, (_, number) => number + 900));
  calls = 0;
  welcome();
  await inbox.refresh();
  assert.equal(calls, 20);
  assert.equal(store.unread, 1000);
});
