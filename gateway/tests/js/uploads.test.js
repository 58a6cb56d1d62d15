// Files on their way, and the messages that wait for them.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Uploads } from "../../static/js/models/uploads.js";
import { ProblemError, Unreachable } from "../../static/js/net/api.js";
import { Desk, NEVER, pass, turn } from "./outbox_desk.js";

/** models/file_db.js in memory. */
class MemoryFiles {
  files = new Map();

  async put(file) {
    this.files.set(file.id, file);
  }

  async get(id) {
    return this.files.get(id);
  }

  async remove(id) {
    this.files.delete(id);
  }
}

/** The server's end: each upload is answered when the test says so. */
class Server {
  asked = [];

  upload = ({ thread, id, blob, onProgress, signal }) => {
    const { promise, resolve, reject } = Promise.withResolvers();
    const one = { thread, id, blob, onProgress, signal, resolve, reject };
    this.asked.push(one);
    signal.addEventListener("abort", () => {
      this.asked = this.asked.filter((other) => other !== one);
      reject(new DOMException("Cancelled", "AbortError"));
    });
    return promise;
  };

  ids() {
    return this.asked.map(({ id }) => id);
  }

  async take(id) {
    const at = this.asked.findIndex((one) => one.id === id);
    const [one] = this.asked.splice(at, 1);
    one.resolve({ id: `of ${id}`, name: `${id}.webp`, type: "image/webp", size: 9, width: 4, height: 3 });
    await turn();
  }

  async refuse(id, error) {
    const at = this.asked.findIndex((one) => one.id === id);
    const [one] = this.asked.splice(at, 1);
    one.reject(error);
    await turn();
  }
}

const TOO_LARGE = new ProblemError({ detail: "a file may have 25 MB at most" }, 413, null);
const AWAY = new ProblemError({}, 503, 1);
const GONE = { title: "Not valid", retry: false, errors: [{ pointer: "/attachments/1/id", detail: "is gone" }] };
const file = (id, alt) => ({ id, name: `${id}.jpg`, type: "image/jpeg", size: 9, width: 4, height: 3, alt });

let desk, db, server, uploads;
beforeEach(() => {
  desk = new Desk();
  db = new MemoryFiles();
  server = new Server();
  uploads = page();
  mock.method(URL, "createObjectURL", (blob) => `blob:${blob.size}`);
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

function page() {
  const made = new Uploads({ owner: "ann", upload: server.upload, db });
  for (const id of ["a", "b", "c"]) made.hold(id, new Blob([id]));
  return made;
}

/** The frames given out since it was asked last: a text, with the attachments that it names. */
function framesOf(tab) {
  const frames = [];
  tab.onFrame = ({ text, attachments = [] }) => frames.push([text, ...attachments.map(({ id, alt }) => alt ?? id)]);
  return () => frames.splice(0);
}

test("a message goes when the server has its files, what follows waits for it, and no other thread does", async () => {
  const tab = await desk.tab({ leads: true, uploads });
  const frames = framesOf(tab);
  await tab.outbox.send("bob", "first");
  await tab.outbox.send("bob", "look", 3, [file("a"), file("b", "a boat")]);
  await tab.outbox.send("bob", "after");
  await tab.outbox.send("eve", "to another");
  assert.deepEqual(frames(), [["first"], ["to another"]]);
  await server.take("b");
  assert.deepEqual(frames(), []);
  await server.take("a");
  assert.deepEqual(frames(), [["look", "of a", "a boat"], ["after"]]);
  tab.acknowledge("look");
  await turn();
  assert.equal(db.files.size, 0);
});

test("two files are under way at once, in order, and tell how far they are", async () => {
  for (const id of ["a", "b", "c"]) uploads.begin("bob", file(id));
  await turn();
  assert.deepEqual(server.ids(), ["a", "b"]);
  const told = [];
  uploads.on("change", (id) => told.push([id, uploads.of(id).progress]));
  for (const part of [0.5, 0.501, 1]) server.asked[0].onProgress(part);
  assert.deepEqual(told, [
    ["a", 0.5],
    ["a", 1],
  ]);
  await server.take("a");
  assert.deepEqual([server.ids(), uploads.preview("of a")], [["b", "c"], uploads.preview("a")]);
});

test("what has no connection goes again under the same id, at once when there is one", async () => {
  const tab = await desk.tab({ leads: true, uploads });
  const frames = framesOf(tab);
  await tab.outbox.send("bob", "", undefined, [file("a")]);
  await server.refuse("a", new Unreachable());
  assert.deepEqual(server.ids(), []);
  await pass(1);
  assert.deepEqual(server.ids(), ["a"]);
  await server.refuse("a", AWAY);
  uploads.online();
  await turn();
  await server.take("a");
  assert.deepEqual(frames(), [["", "of a"]]);
});

test("a file that is refused fails its message, with the words, and it can go again", async () => {
  const tab = await desk.tab({ leads: true, uploads });
  await tab.outbox.send("bob", "look", undefined, [file("a")]);
  await tab.outbox.send("bob", "after");
  await server.refuse("a", TOO_LARGE);
  assert.deepEqual([tab.shown, tab.took()], [["look: A file may have 25 MB at most.", "after"], ["after"]]);
  await tab.outbox.retry(tab.id("look"));
  await server.take("a");
  assert.deepEqual(tab.took(), ["look"]);
});

test("what is taken back is no longer uploaded or kept, and can be given again", async () => {
  const tab = await desk.tab({ leads: true, uploads });
  await tab.outbox.send("bob", "look", undefined, [file("a")]);
  const [{ signal }] = server.asked;
  assert.deepEqual(tab.outbox.filesOf(tab.id("look")), [file("a")]);
  assert.equal(tab.outbox.remove(tab.id("look")), "look");
  await turn();
  assert.deepEqual([signal.aborted, db.files.size, uploads.blob("a").size], [true, 0, 1]);
  await tab.outbox.send("bob", "again", undefined, [file("a")]);
  await server.take("a");
  assert.deepEqual(tab.took(), ["again"]);
});

test("the next page goes on with the files that were kept, and says when one is lost", async () => {
  const tab = await desk.tab({ leads: true, connected: null, uploads });
  await tab.outbox.send("bob", "kept", undefined, [file("a")]);
  await tab.outbox.send("bob", "lost", undefined, [file("b")]);
  db.files.delete("b");
  const next = new Uploads({ owner: "ann", upload: server.upload, db });
  const later = await desk.tab({ leads: true, log: null, uploads: next });
  await turn();
  assert.deepEqual(server.ids(), ["a"]);
  await server.take("a");
  assert.deepEqual(later.took(), ["kept"]);
  assert.deepEqual(later.shown, ["kept", "lost: The file is no longer in this browser."]);
});

test("a file that the server has let go of is uploaded again, once", async () => {
  const tab = await desk.tab({ leads: true, uploads });
  const frames = framesOf(tab);
  await tab.outbox.send("bob", "look", undefined, [file("a"), file("b")]);
  for (const id of ["a", "b"]) await server.take(id);
  tab.reject(GONE, "look");
  await turn();
  assert.deepEqual(server.ids(), ["b"]);
  await server.take("b");
  assert.deepEqual(frames(), [
    ["look", "of a", "of b"],
    ["look", "of a", "of b"],
  ]);
  tab.reject({ ...NEVER, errors: GONE.errors }, "look");
  assert.deepEqual(tab.shown, ["look: Text is not for Duet."]);
});
