// What waits to be sent with a message, over a reload and in other tabs.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Emitter } from "../../static/js/lib/emitter.js";
import { Trays } from "../../static/js/models/trays.js";
import { Uploads } from "../../static/js/models/uploads.js";
import { turn } from "./outbox_desk.js";

const MB = 1024 * 1024;
const photo = (id, size = 9) => ({ id, name: `${id}.jpg`, type: "image/jpeg", size, width: 4, height: 3 });

let storage, files, pages, answers;

/** The browser's storage, for all its tabs. */
class Storage {
  getItem = (key) => this[key] ?? null;
  setItem(key, text) {
    this[key] = text; // its keys are its properties
  }
  removeItem(key) {
    delete this[key];
  }
}

/** A page of ann's; the database can be out of order. */
class Page {
  tabs = new Emitter();
  asked = [];

  constructor() {
    this.tabs.tell = (what, about) => {
      for (const page of pages) if (page !== this) page.tabs.emit(what, about);
    };
    this.uploads = new Uploads({
      owner: "ann",
      upload: ({ id }) => {
        this.asked.push(id);
        return answers.get(id) ?? new Promise(() => {});
      },
      db: {
        put: async (file) => {
          if (!files) throw new Error("no room");
          files.set(file.id, file);
        },
        get: async (id) => files?.get(id),
        remove: async (id) => files?.delete(id),
      },
    });
    this.trays = new Trays({ owner: "ann", uploads: this.uploads, tabs: this.tabs });
    pages.push(this);
  }

  async choose(...chosen) {
    for (const { id } of chosen) this.uploads.hold(id, new Blob([id]));
    await this.trays.set("bob", [...this.trays.get("bob"), ...chosen]);
  }

  ids(thread = "bob") {
    return this.trays.get(thread).map(({ id }) => id);
  }
}

beforeEach(() => {
  storage = new Storage();
  globalThis.window = { localStorage: storage };
  files = new Map();
  pages = [];
  answers = new Map();
  URL.createObjectURL = () => "blob:";
});

test("the next page has them again, with their descriptions, and uploads what is missing", async () => {
  answers.set("a", Promise.resolve({ id: "of a" }));
  const before = new Page();
  await before.choose({ ...photo("a"), alt: "A boat" }, photo("b"));
  before.uploads.begin("bob", photo("a"));
  await turn();
  pages = [];
  const after = new Page();
  assert.deepEqual(after.ids("eve"), []);
  assert.deepEqual(
    after.trays.get("bob").map(({ id, alt, attachment }) => [id, alt, attachment?.id]),
    [
      ["a", "A boat", "of a"],
      ["b", undefined, undefined],
    ],
  );
  await turn();
  assert.deepEqual(after.asked, ["b"]);
  assert.equal(await after.uploads.blob("a").text(), "a");
});

test("what is sent or taken out in one tab is gone in the others, and in the next page", async () => {
  const [one, other] = [new Page(), new Page()];
  other.ids();
  await one.choose(photo("a"), photo("b"));
  assert.deepEqual(other.ids(), ["a", "b"]);
  other.uploads.hold("c", new Blob(["c"]));
  const unready = other.trays.set("bob", [...other.trays.get("bob"), photo("c")]);
  one.uploads.forget([photo("a")]);
  await one.trays.set(
    "bob",
    one.trays.get("bob").filter(({ id }) => id !== "a"),
  );
  await unready;
  assert.deepEqual(
    [one.ids(), other.ids()],
    [
      ["b", "c"],
      ["b", "c"],
    ],
  );
  await one.trays.set("bob", []);
  assert.deepEqual([other.ids(), new Page().ids()], [[], []]);
});

test("what the browser has no room for stays in its page, and is promised to no other", async () => {
  const page = new Page();
  await page.choose(photo("a", 150 * MB), photo("b", 60 * MB), photo("c", 50 * MB));
  assert.deepEqual([page.ids(), new Page().ids()], [["a", "b", "c"], ["a"]]);
  await page.trays.set("eve", [photo("b", 60 * MB)]);
  assert.deepEqual(new Page().ids("eve"), []);
  files = null;
  const without = new Page();
  without.uploads.hold("d", new Blob(["d"]));
  await without.trays.set("dan", [photo("d")]);
  assert.deepEqual([without.ids("dan"), new Page().ids("dan")], [["d"], []]);
});

test("nothing is kept of a person who leaves", async () => {
  const page = new Page();
  await page.choose(photo("a"));
  page.trays.rest(true);
  storage.removeItem("duet:tray:ann:bob");
  await page.trays.set("bob", page.trays.get("bob"));
  assert.deepEqual(
    Object.keys(storage).filter((key) => key.startsWith("duet")),
    [],
  );
});
