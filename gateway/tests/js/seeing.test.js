// What one lets others see, as it is chosen and saved.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Seeing } from "../../static/js/models/seeing.js";

const ALL = { read_receipts: true, typing: true, last_seen: true };

const turn = () => new Promise(setImmediate);

let kept;
let calls;
let seeing;
let heard;
beforeEach(async () => {
  [kept, calls, heard] = [{ ...ALL }, [], []];
  const save = (changes) => {
    const { promise, resolve, reject } = Promise.withResolvers();
    const answer = () => {
      kept = { ...kept, ...changes };
      resolve(kept);
    };
    calls.push({ changes, answer, fail: () => reject(new Error("No")) });
    return promise;
  };
  seeing = new Seeing({ load: async () => kept, save });
  seeing.on("saved", (name) => heard.push(name));
  seeing.on("failed", ({ message }) => heard.push(message));
  await seeing.load();
});

test("a choice is shown at once, and said when it is saved", async () => {
  const chosen = seeing.choose("typing", false);
  assert.deepEqual([seeing.shown, heard], [{ ...ALL, typing: false }, []]);
  calls[0].answer();
  await chosen;
  assert.deepEqual([calls.length, calls[0].changes, heard], [1, { typing: false }, ["typing"]]);
});

test("a choice that cannot be saved is taken back, and no other one with it", async () => {
  const [one, other] = [seeing.choose("typing", false), seeing.choose("last_seen", false)];
  calls[0].fail();
  await one;
  await turn();
  calls[1].answer();
  await other;
  assert.deepEqual(seeing.shown, { ...ALL, last_seen: false });
  assert.deepEqual(heard, ["No", "last_seen"]);
});

test("who changes their mind meanwhile gets what they want last", async () => {
  const chosen = seeing.choose("typing", false);
  seeing.choose("typing", true);
  seeing.choose("typing", false);
  seeing.choose("typing", true);
  calls[0].answer();
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual([seeing.shown.typing, calls.map(({ changes }) => changes.typing)], [true, [false, true]]);
  calls[1].answer();
  await chosen;
  assert.deepEqual([kept.typing, heard], [true, ["typing"]]);
});

test("what another tab has changed is shown with the next answer, but for what is being saved", async () => {
  kept = { ...ALL, last_seen: false, typing: false };
  const chosen = [seeing.choose("read_receipts", false), seeing.choose("typing", false)];
  calls[0].answer();
  await chosen[0];
  assert.deepEqual(seeing.shown, { read_receipts: false, typing: false, last_seen: false });
  await turn();
  calls[1].answer();
  await chosen[1];
});

test("one is saved after the other, so that no answer overtakes a later one", async () => {
  const chosen = [seeing.choose("typing", false), seeing.choose("last_seen", false)];
  await turn();
  assert.deepEqual(
    calls.map(({ changes }) => changes),
    [{ typing: false }],
  );
  calls[0].answer();
  await turn();
  calls[1].answer();
  await Promise.all(chosen);
  assert.deepEqual([seeing.shown, heard], [{ ...ALL, typing: false, last_seen: false }, ["typing", "last_seen"]]);
});

test("nothing can be chosen before it is known what there is", async () => {
  const unknown = new Seeing({ load: async () => Promise.reject(new Error("Away")), save: assert.fail });
  const failures = [];
  unknown.on("failed", ({ message }) => failures.push(message));
  await unknown.load();
  await unknown.choose("typing", false);
  assert.deepEqual([unknown.shown, failures], [null, ["Away"]]);
});
