// What a test of the outbox holds in its hands: the clock, the browser's database, the tabs, and the relay's end.

import { mock } from "node:test";
import { Outbox } from "../../static/js/models/outbox.js";
import { Tabs } from "../../static/js/models/tabs.js";

export const LATER = { title: "Too many requests", retry: true };
export const NEVER = { title: "No", detail: "text is not for Duet", retry: false };

/** models/outbox_db.js in memory. broken: the names of what it fails in. */
export class MemoryDb {
  records = [];
  broken = [];
  #order = 0;

  async all(owner) {
    this.#may("all");
    return this.records.filter((record) => record.owner === owner).map((record) => ({ ...record }));
  }

  async add({ order, ...fresh }) {
    this.#may("add");
    if (this.#find(fresh.client_id)) throw new DOMException("There is one", "ConstraintError");
    this.#order += 1;
    this.records.push({ ...fresh, order: this.#order });
  }

  async update(clientId, changes) {
    this.#may("update");
    const record = this.#find(clientId);
    return record !== undefined && Object.assign(record, changes) === record;
  }

  async requeue(clientId, changes) {
    const record = this.#find(clientId);
    await this.remove(clientId);
    if (record) await this.add({ ...record, ...changes });
  }

  async remove(clientId) {
    this.#may("remove");
    const record = this.#find(clientId);
    this.records = this.records.filter((other) => other !== record);
    return record;
  }

  #find(clientId) {
    return this.records.find((record) => record.client_id === clientId);
  }

  #may(what) {
    if (this.broken.includes(what)) throw new DOMException("No room", "QuotaExceededError");
  }
}

let owners = 0;

/** Somebody new with a browser: `tab()` opens a page of theirs. Time passes when the test says so, by `pass(seconds)`. */
export class Desk {
  db = new MemoryDb();

  constructor() {
    owners += 1;
    this.owner = `ann-${owners}`;
    mock.method(Math, "random", () => 1); // the longest pause
    mock.method(console, "warn", () => {});
    mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: Date.UTC(2026, 0, 1) });
  }

  /** leads: a tab that sends at once, or never by itself; without it as the browser's locks say. */
  async tab({ log = null, connected = "log", leads, uploads } = {}) {
    const tabs = leads === undefined ? new Tabs(this.owner) : new LoneTab(leads);
    const tab = new Tab({ owner: this.owner, db: this.db, tabs, log, uploads });
    await tab.outbox.ready;
    if (connected) await tab.outbox.connected(connected, false);
    return tab;
  }
}

/** Stands for models/tabs.js in a browser with one page, which leads or does not. */
class LoneTab {
  asked = 0;

  constructor(leads) {
    this.leads = leads;
  }

  on() {}

  tell() {}

  whenLeading(led) {
    this.led = led;
    led(this.leads);
  }

  takeLead() {
    this.asked += 1;
    this.led(true);
  }
}

/** One page: its outbox, and the texts it gave to its relay. */
class Tab {
  given = [];
  /** Whether the socket takes a frame. */
  open = true;
  /** What looks at each frame. */
  onFrame = () => {};
  #ids = new Map();

  constructor({ owner, db, tabs, log, uploads }) {
    this.tabs = tabs;
    const send = (frame) => this.#give(frame);
    this.outbox = new Outbox({ owner, tabs, send, log, db, uploads });
  }

  async write(...texts) {
    for (const text of texts) await this.outbox.send("bob", text);
  }

  /** → the texts given out since it was asked last. */
  took() {
    return this.given.splice(0);
  }

  /** The relay's answers, by text. */
  acknowledge(...texts) {
    for (const text of texts) this.outbox.arrived(this.id(text), 1);
  }

  reject(problem, ...texts) {
    for (const text of texts) this.outbox.rejected(this.id(text), problem);
  }

  /** Changes a message: its seq, or the text of one that has none yet. */
  change(kind, target, body = {}) {
    return this.outbox.change("bob", kind, { target: this.id(target) ?? target, ...body });
  }

  id(text) {
    return this.#ids.get(text) ?? this.outbox.entries.find((entry) => words(entry) === text)?.client_id;
  }

  get shown() {
    return this.outbox.of("bob").map((entry) => (entry.failed ? `${words(entry)}: ${entry.failed}` : words(entry)));
  }

  #give(frame) {
    if (!this.open) return false;
    this.onFrame(frame);
    this.given.push(words(frame));
    this.#ids.set(words(frame), frame.client_id);
    return true;
  }
}

/** A message's text, or what a change does to which: "edit 5 better". */
const words = ({ kind, text, body }) => (kind ? [kind, body.target, body.text ?? body.emoji].join(" ").trim() : text);

/** Lets everything that waits for nothing but its turn happen. */
export async function turn() {
  for (let round = 0; round < 5; round += 1) await new Promise((done) => setImmediate(done));
}

export async function pass(seconds) {
  mock.timers.tick(seconds * 1000);
  await turn();
}

/** Waits for what comes from another tab. */
export async function until(holds) {
  while (!holds()) await new Promise((done) => setImmediate(done));
}
