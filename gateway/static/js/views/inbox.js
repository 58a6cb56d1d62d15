import { avatar } from "../lib/avatar.js";
import { preview as gamePreview } from "../games/models/words.js";
import { byId, el, hidden } from "../lib/dom.js";
import { look, shared } from "../lib/names.js";
import { scheduled } from "../lib/schedule.js";
import { full, short } from "../lib/time.js";
import { reconcile } from "./reconcile.js";

const MAX_COUNT = 999;
const REFRESH_MS = 60_000;
const MORE_WITHIN_PX = 400;

/** The rows of the inbox, latest first. */
export class InboxView {
  #open = null;

  /** onOpen(username): a row was chosen. */
  constructor({ me, store, outbox, inbox, games, onOpen }) {
    Object.assign(this, { me, store, outbox, inbox, games, onOpen });
    this.list = byId("inbox-rows");
    this.draw = scheduled(() => this.#draw());
    store.on("inbox", this.draw);
    outbox.on("change", this.draw);
    games.on("change", this.draw);
    setInterval(this.draw, REFRESH_MS);
    this.list.addEventListener("click", (event) => this.#clicked(event));
    this.list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  open(username) {
    this.#open = username;
    this.#draw();
  }

  focus(username) {
    this.list.querySelector(`[data-username="${CSS.escape(username)}"]`)?.focus();
  }

  #clicked(event) {
    const link = event.target.closest("a");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.onOpen(link.dataset.username);
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    if (scrollHeight - scrollTop - clientHeight < MORE_WITHIN_PX) this.inbox.more().catch(console.warn);
  }

  #rows() {
    const shown = this.store.all.filter(({ exists, username }) => exists || this.outbox.of(username).length);
    const alike = shared(shown.map(({ display_name }) => display_name));
    const rows = shown.map((thread) => ({ ...this.#row(thread), alike: alike.has(look(thread.display_name)) }));
    return rows.sort((one, other) => (one.time < other.time ? 1 : one.time > other.time ? -1 : 0));
  }

  #row(thread) {
    const { username, display_name, online, unread, last_message, typing_until } = thread;
    const pending = this.#pending(username, last_message);
    const last = pending ? { sender: this.me, text: pending.text, sent_at: pending.created_at } : last_message;
    const { said, yours, since } = this.#game(thread, last);
    const failed = Boolean(pending?.failed);
    const speaker = failed ? "Not sent:" : last?.sender === this.me ? "You:" : "";
    const written = last && (failed || said === null) ? { speaker, text: last.text.slice(0, 200) } : null;
    // A thread of nothing but games, of which none has been fetched yet.
    const preview = written ?? { said: said ?? "A game" };
    const typing = typing_until > Date.now();
    const time = since ?? last?.sent_at ?? "";
    const open = username === this.#open;
    return { username, display_name, online, unread, preview, failed, yours, typing, time, when: time && short(time), open };
  }

  /** What was written last, if it is in the outbox: one that failed gives way to what came later. */
  #pending(username, lastMessage) {
    const pending = this.outbox.of(username).at(-1);
    const passed = pending?.failed && lastMessage && Date.parse(pending.created_at) < Date.parse(lastMessage.sent_at);
    return passed ? undefined : pending;
  }

  /** What a game says in the row: before the last message when it waits for me, or when it is the newer of the two. */
  #game({ username, display_name }, last) {
    const latest = this.games.latest(username);
    if (!latest) return { said: null, yours: false, since: null };
    const waiting = this.games.waitingIn(username)[0]?.game;
    const newer = !last || Date.parse(latest.at) > Date.parse(last.sent_at);
    const about = { me: this.me, names: { [username]: display_name } };
    return {
      said: waiting || newer ? gamePreview(waiting ?? latest, about) : null,
      yours: Boolean(waiting),
      since: newer ? latest.at : null,
    };
  }

  #draw() {
    const rows = this.#rows();
    const held = document.activeElement?.dataset?.username;
    reconcile(this.list, rows, { key: ({ username }) => username, signature: JSON.stringify, node: rowNode });
    if (held && document.activeElement === document.body) this.focus(held);
    byId("inbox-failed").hidden = rows.length > 0 || this.inbox.loaded || !this.inbox.failed;
    byId("inbox-empty").hidden = rows.length > 0 || !this.inbox.loaded;
  }
}

/** What a row says of its thread: our own words, or somebody's in their own direction. */
function previewNode({ preview: { said, speaker, text }, failed, yours, typing }) {
  if (typing) return el("span", { class: "row-text typing" }, "typing…");
  if (said) return el("span", { class: yours ? "row-text yours" : "row-text" }, said);
  const who = speaker && el("bdi", {}, speaker);
  return el("span", { class: failed ? "row-text failed" : "row-text", dir: "auto" }, who, speaker && " ", text);
}

function rowNode(row) {
  const { username, display_name, alike, online, unread, time, when, open } = row;
  const count = unread >= MAX_COUNT ? `${MAX_COUNT}+` : String(unread);
  const link = el(
    "a",
    { class: "row", href: `/messages/${username}`, "data-username": username, "aria-current": open ? "page" : null },
    el("span", { class: "face" }, avatar(username, display_name), online ? el("span", { class: "dot" }, hidden("online")) : null),
    el(
      "span",
      { class: "row-name" },
      el("span", { class: "name", dir: "auto" }, display_name),
      alike ? el("span", { class: "handle" }, ` @${username}`) : null,
    ),
    el("time", { class: "row-time", datetime: time, title: time && full(time) }, when),
    previewNode(row),
    unread ? el("span", { class: "badge" }, count, hidden(" unread")) : null,
  );
  return el("li", {}, link);
}
