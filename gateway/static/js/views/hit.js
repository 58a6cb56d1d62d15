import { summary } from "../lib/attached.js";
import { avatar } from "../lib/avatar.js";
import { el } from "../lib/dom.js";
import { plain } from "../lib/format.js";
import { snippet } from "../lib/snippet.js";
import { full, short } from "../lib/time.js";

/** @typedef {(thread: string) => { me: string, names: Record<string, string> }} Names of a thread's members */

/**
 * A message that was found, as a link to it.
 * @param {Wire.Message} hit
 * @param {{ query: string, names: Names, alone: boolean }} about alone: all hits are of one thread
 */
export function hitNode({ thread, seq, sender, sent_at, ...message }, { query, names: namesOf, alone }) {
  const { me, names } = namesOf(thread);
  const shown = alone ? sender : thread;
  const name = alone && sender === me ? "You" : (names[shown] ?? shown);
  const said = snippet(plain(summary(message)), query).map((part) =>
    part.marked ? el("mark", {}, part.text) : part.text,
  );
  const link = el(
    "a",
    { class: "row hit", href: `/messages/${thread}#m-${seq}` },
    el("span", { class: "face" }, avatar(shown, names[shown] ?? shown)),
    el("span", { class: "row-name" }, el("span", { class: "name", dir: "auto" }, name)),
    el("time", { class: "row-time", datetime: sent_at, title: full(sent_at) }, short(sent_at)),
    el("span", { class: "hit-text", dir: "auto" }, !alone && sender === me ? el("bdi", {}, "You: ") : null, ...said),
  );
  return el("li", {}, link);
}
