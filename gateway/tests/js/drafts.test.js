// Drafts of one person in pages and on devices, over a server that keeps one state a thread.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Drafts } from "../../static/js/models/drafts.js";
import { Store } from "../../static/js/models/store.js";
import { ProblemError, Unreachable } from "../../static/js/net/api.js";

const REFUSED = { stale: [409, "stale"], invalid: [422, "invalid"] };

/** The browser's storage: of one device, for all its tabs. */
class Storage {
  #kept = {};

  getItem = (key) => this.#kept[key] ?? null;
  setItem(key, text) {
    this.#kept[key] = text;
    this[key] = text; // its keys are its properties
  }
  removeItem(key) {
    delete this.#kept[key];
    delete this[key];
  }
}

/** What the server keeps, and what it was asked. */
class Server {
  state = { revision: 0 };
  asked = [];
  away = false;
  /** Called before it answers: what happens meanwhile. */
  meanwhile = () => {};

  threadState = async () => {
    if (this.away) throw new Unreachable();
    return this.state;
  };

  changeState = async (_, { draft, revision }) => {
    if (this.away) throw new Unreachable();
    this.asked.push(draft?.text ?? null);
    if (revision !== this.state.revision) throw problem("stale");
    if (draft?.text.length > 20) throw problem("invalid");
    this.state = { revision: revision + 1, ...(draft && { draft }) };
    const answer = this.state;
    this.meanwhile();
    return answer;
  };
}

function problem(code) {
  const [status] = REFUSED[code];
  return new ProblemError({ code }, status, null);
}

/** One device: its storage, and a page on it. */
class Device {
  constructor(storage = new Storage()) {
    this.storage = storage;
    this.#use();
    this.store = new Store("ann");
    this.drafts = new Drafts({ store: this.store, tabs: { on() {}, tell() {} }, calls: server });
    this.shown = [];
    this.drafts.on("change", ({ text }) => this.shown.push(text));
  }

  get text() {
    this.#use();
    return this.drafts.get("bob").text;
  }

  get other() {
    this.#use();
    return this.drafts.other("bob")?.text ?? null;
  }

  type(text, reply_to) {
    this.#use();
    this.drafts.change({ thread: "bob", before: this.text, text, reply_to });
  }

  /** The server's word of what it keeps, by a frame or after a connection was lost. */
  hear(state = server.state) {
    this.#use();
    this.store.state("bob", state);
  }

  #use() {
    globalThis.window = { localStorage: this.storage };
  }
}

async function pass(seconds) {
  for (let second = 0; second < seconds; second += 1) {
    mock.timers.tick(1000);
    for (let round = 0; round < 5; round += 1) await new Promise((done) => setImmediate(done));
  }
}

let server;
beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  server = new Server();
});

test("a draft is saved once, a moment after the last key, and on the way out", async () => {
  const device = new Device();
  device.hear();
  for (const text of ["h", "he", "hello"]) device.type(text);
  await pass(0);
  assert.deepEqual(server.asked, []);
  await pass(1);
  assert.deepEqual(server.asked, ["hello"]);
  device.type("hello you");
  device.drafts.now();
  assert.deepEqual(server.asked, ["hello", "hello you"]);
  await pass(5);
  assert.deepEqual([server.asked.length, device.shown], [2, []]);
});

test("what was never saved needs no clearing, and what was saved is cleared at once", async () => {
  const device = new Device();
  device.hear();
  device.type("quick");
  device.type("");
  await pass(2);
  assert.deepEqual(server.asked, []);
  device.type("slow");
  await pass(1);
  device.type("");
  mock.timers.tick(0);
  assert.deepEqual(server.asked, ["slow", null]);
  await pass(1);
  assert.deepEqual([device.text, Object.keys(device.storage).filter((key) => key.startsWith("duet"))], ["", []]);
});

test("what is sent while its draft is on its way is cleared after that", async () => {
  const device = new Device();
  device.hear();
  device.type("on its way");
  server.meanwhile = () => device.type("");
  await pass(1);
  server.meanwhile = () => {};
  await pass(2);
  assert.deepEqual([server.asked, server.state.draft, device.text], [["on its way", null], undefined, ""]);
});

test("a draft follows to another device, with what it answers", async () => {
  const [laptop, phone] = [new Device(), new Device()];
  phone.hear();
  laptop.hear();
  laptop.type("half a thought", 12);
  await pass(1);
  phone.hear();
  assert.deepEqual(phone.drafts.get("bob").reply_to, 12);
  assert.deepEqual([phone.text, phone.shown], ["half a thought", ["half a thought"]]);
  phone.type("");
  await pass(1);
  laptop.hear();
  assert.deepEqual([laptop.text, laptop.shown], ["", [""]]);
});

test("two drafts are both kept until somebody decides", async () => {
  const laptop = new Device();
  laptop.hear();
  laptop.type("laptop");
  await pass(1);
  const phone = new Device();
  phone.type("phone"); // before it has heard anything
  await pass(1);
  assert.deepEqual([phone.text, phone.other, server.state.draft.text], ["phone", "laptop", "laptop"]);
  phone.drafts.decide("bob");
  await pass(1);
  assert.deepEqual([phone.other, server.state.draft.text], [null, "phone"]);
});

test("a change of something else in the state is no other draft", async () => {
  const device = new Device();
  device.hear();
  device.type("mine");
  server.state = { revision: 1, muted_until: "forever" };
  await pass(3);
  assert.deepEqual([server.asked, device.other, server.state.draft.text], [["mine", "mine"], null, "mine"]);
});

test("what was typed without a connection is saved when there is one, also after a reload", async () => {
  const device = new Device();
  device.hear();
  server.away = true;
  device.type("offline");
  await pass(3);
  const reloaded = new Device(device.storage);
  assert.equal(reloaded.text, "offline");
  server.away = false;
  reloaded.drafts.again();
  await pass(2);
  assert.deepEqual([server.state.draft.text, reloaded.other], ["offline", null]);
});

test("an answer that was lost makes no other draft of one's own", async () => {
  const device = new Device();
  device.hear();
  device.type("once");
  server.meanwhile = () => {
    throw new Unreachable();
  };
  await pass(1);
  server.meanwhile = () => {};
  device.type("once more");
  await pass(2);
  assert.deepEqual([device.text, device.other, server.state.draft.text], ["once more", null, "once more"]);
});

test("what the server refuses stays here, and is not sent again and again", async () => {
  const device = new Device();
  device.hear();
  device.type("far too long for this server");
  await pass(30);
  assert.deepEqual([server.asked.length, device.text], [1, "far too long for this server"]);
  device.type("shorter");
  await pass(1);
  assert.equal(server.state.draft.text, "shorter");
});

test("logging out wipes what is kept here, and nothing comes back with a late answer", async () => {
  const device = new Device();
  device.hear();
  device.type("secret");
  device.drafts.rest(true);
  device.drafts.now(); // by then it may be somebody else who asks
  device.storage = new Storage();
  device.hear({ revision: 9, draft: { text: "secret" } });
  await pass(2);
  assert.deepEqual([device.text, server.asked], ["", []]);
});
