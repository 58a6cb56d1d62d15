// The waveform of a sound, from what was heard of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BARS, heights, lately, peaksOf } from "../../static/js/lib/peaks.js";

test("a sound has as many bars however short or long it is, the loudest at the top", () => {
  for (const count of [1, 7, 48, 49, 6000]) {
    const peaks = peaksOf(Array.from({ length: count }, (_, at) => (at + 1) / count / 2));
    assert.match(peaks, /^[0-9a-f]{48}$/, count);
    assert.equal(peaks.at(-1), "f");
    assert.deepEqual([...peaks].sort(), [...peaks]);
  }
});

test("one loud moment of five minutes is seen in its bar alone", () => {
  const levels = Array.from({ length: 6000 }, () => 0);
  levels[3000] = 0.4;
  assert.equal(peaksOf(levels), `${"0".repeat(24)}f${"0".repeat(23)}`);
});

test("silence stays flat, and so does what nobody heard", () => {
  assert.equal(peaksOf([0, 0.0001, 0]), "0".repeat(BARS));
  assert.equal(peaksOf([]), "0".repeat(BARS));
});

test("while it is recorded the newest is on the right", () => {
  assert.equal(lately([0.2, 1]), `${"0".repeat(46)}3f`);
  assert.equal(lately(Array.from({ length: 100 }, (_, at) => (at < 99 ? 0 : 2))).at(-1), "f");
  assert.deepEqual(heights("0f"), [0, 1]);
});
