// Photos and files in words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inWords, lengthOf, sizeOf, summary } from "../../static/js/lib/attached.js";

const photo = { name: "sea.jpg", type: "image/webp", size: 9, width: 4, height: 3 };
const plan = { name: "plan.pdf", type: "application/octet-stream", size: 9 };
const voice = { name: "Voice message.webm", type: "audio/webm", size: 9 };
const song = { name: "song.ogg", type: "audio/ogg", size: 9 };

test("a message is summed up by what is with it and what it says", () => {
  const told = [[], [photo], [photo, photo, photo], [plan], [photo, plan], [voice], [song]].map(inWords);
  assert.deepEqual(told, ["", "Photo", "3 photos", "plan.pdf", "2 files", "Voice message", "song.ogg"]);
  assert.equal(summary({ text: "Look", attachments: [photo] }), "Photo · Look");
  assert.deepEqual([summary({ text: "Hello" }), summary({ text: "", attachments: [plan] })], ["Hello", "plan.pdf"]);
});

test("sizes and lengths are said as people do", () => {
  const sizes = [0, 11, 1023, 1024, 1536, 10_240, 26_214_400].map((size) => sizeOf(size));
  assert.deepEqual(sizes, ["0 bytes", "11 bytes", "1023 bytes", "1 kB", "1.5 kB", "10 kB", "25 MB"]);
  assert.deepEqual([0.4, 65, 300].map(lengthOf), ["0:00", "1:05", "5:00"]);
});
