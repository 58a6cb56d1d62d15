import { gameItems } from "../games/models/items.js";
import { Guard } from "../games/views/guard.js";
import { GamePointer } from "../games/views/pointer.js";
import { onCalendar } from "../lib/calendar.js";
import { byId } from "../lib/dom.js";
import { Part } from "../lib/part.js";
import { scheduled } from "../lib/schedule.js";
import { copySources } from "./copying.js";
import { keepingFocus } from "./focus_keeper.js";
import { items } from "./items.js";
import { Jump } from "./jump.js";
import { contextOf } from "./log_context.js";
import { LogLoader } from "./log_loader.js";
import { LogNotice } from "./log_notice.js";
import { itemNode, patchItem, signature } from "./message.js";
import { MessageActions } from "./message_actions.js";
import { Places } from "./places.js";
import { Pressed } from "./pressed.js";
import { ReadTracker } from "./read_tracker.js";
import { reconcile } from "./reconcile.js";
import { Scroller } from "./scroller.js";
import { UnreadDivider } from "./unread_divider.js";

/** @import { Deletions } from "../models/deletions.js" */
/** @import { GameCalls } from "../models/game_calls.js" */
/** @import { Games } from "../models/games.js" */
/** @import { History } from "../models/history.js" */
/** @import { Outbox } from "../models/outbox.js" */
/** @import { Store } from "../models/store.js" */
/** @import { Thread } from "../models/thread.js" */
/** @import { Uploads } from "../models/uploads.js" */
/** @import { Outage } from "../net/outage.js" */
/** @import { Socket } from "../net/socket.js" */
/** @import { Composer } from "./composer.js" */
/** @import { Item, MessageItem } from "./items.js" */
/** @import { Context } from "./message.js" */
/** @import { Note } from "./note.js" */

/**
 * What the log shows, and what is done from it.
 * @typedef {object} Parts
 * @property {string} me
 * @property {Store} store
 * @property {Outbox} outbox
 * @property {Uploads} uploads
 * @property {Socket} socket
 * @property {Outage} outage
 * @property {History} history
 * @property {Games} games
 * @property {GameCalls} gameCalls
 * @property {(username: string) => Record<string, string>} namesOf the display names of a thread's two members
 * @property {Deletions} deletions
 * @property {Composer} composer
 * @property {(username: string, seq: number) => Promise<Wire.MessageHistory>} versionsOf
 * @property {(items: Item[], context: Context, key: string) => void} onView shows a photo large, and all others of the items
 * @property {(seq: number) => void} goTo shows a message of the open thread
 * @property {() => void} onScrolled something else may be in sight
 * @property {(id: string) => void} resign asks before a game is given up
 * @property {Note} note
 */

/** The log of the open thread: its messages and its games. */
export class ThreadView {
  /** @type {Thread | null} */
  #thread = null;
  #divider = new UnreadDivider();
  #placed = false;
  #follow = false;
  /** @type {Item[]} */
  #items = [];

  /** @param {Parts} parts */
  constructor(parts) {
    const { me, history, deletions, note } = parts;
    this.parts = parts;
    const log = byId("log");
    const list = byId("messages");
    this.log = log;
    this.list = list;
    this.loader = new LogLoader({ log, history, onLoaded: () => this.draw() });
    this.notice = new LogNotice(() => this.loader.again());
    this.scroller = new Scroller(this.log, this.list, () => this.#drawJump());
    this.jump = new Jump(this.log, this.scroller, () => this.toEnd());
    this.guard = new Guard(this.list);
    const reach = (/** @type {number} */ seq) => this.#reach(seq);
    this.pointer = new GamePointer({ me, log, scroller: this.scroller, reach });
    this.places = new Places({ log, list, scroller: this.scroller, reach, toEnd: () => this.toEnd(), note });
    const items = () => this.#items;
    const onView = (/** @type {MessageItem} */ item, /** @type {number} */ place) => this.#view(item, place);
    this.actions = new MessageActions({ ...parts, log, list, items, goTo: parts.goTo, onView });
    this.draw = scheduled(() => this.pressed.is || this.#draw());
    this.pressed = new Pressed(list, this.draw);
    this.drawing = new Part(
      () => import("../games/views/played.js"),
      () => {},
    );
    this.context = contextOf({
      ...parts,
      log,
      drawing: this.drawing,
      drawGames: () => this.#drawGames(),
      isGoing: (item) => this.actions.isGoing(item),
      changed: (node) => this.guard.freshen(node),
      onRematch: (username) => username === this.#thread?.username && this.followOwn(),
    });
    this.tracker = new ReadTracker({
      scroller: this.log,
      list: this.list,
      unread: () => (this.#placed && this.#thread ? this.#thread.readFrom : Infinity),
      onRead: (seq) => this.#read(seq),
    });
    this.#listen(deletions);
  }

  /** @param {Deletions} deletions */
  #listen(deletions) {
    this.parts.store.on("thread", (username) => username === this.#thread?.username && this.draw());
    this.parts.outbox.on("change", (username) => username === this.#thread?.username && this.draw());
    deletions.on("change", (username) => username === this.#thread?.username && this.draw());
    this.parts.games.on("change", ({ thread }) => thread === this.#thread?.username && this.draw());
    this.parts.gameCalls.on(
      "change",
      (id) => this.parts.games.get(id)?.thread === this.#thread?.username && this.draw(),
    );
    this.parts.outage.on("change", () => this.#thread && this.draw());
    onCalendar(this.draw);
    this.parts.socket.on("welcome", () => {
      this.drawing.failed = false;
      if (this.#thread) this.loader.newest();
    });
    this.parts.store.on("arrived", (message) => this.#arrived(message));
    this.log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    copySources(this.log);
  }

  /** @param {string | null} username of the thread to show; null for none */
  open(username) {
    this.tracker.reset();
    this.#thread = username === null ? null : this.parts.store.thread(username);
    this.#divider.reset();
    this.#placed = false;
    this.loader.open(this.#thread);
    this.pointer.update([]);
    this.actions.open(username);
    if (!this.#thread) return;
    this.log.setAttribute("aria-busy", "true");
    this.#draw();
    this.loader.newest();
  }

  /** I wrote, or offered a game: scrolls to the end, and everything above counts as read once it is loaded. */
  followOwn() {
    this.#follow = true;
    this.#divider.answer();
    if (this.#thread?.loaded) this.#read(this.#thread.head);
    this.loader.latest();
    this.draw();
  }

  /** Takes the last own message into the composer. */
  editLast() {
    if (this.#thread?.far) this.toEnd();
    this.actions.editLast();
  }

  toEnd() {
    this.loader.latest();
    this.#draw();
    this.scroller.toEnd();
  }

  /**
   * Shows what is around `seq`. Whether that went well; null where somebody wanted another place meanwhile.
   * @param {number} seq
   */
  async #reach(seq) {
    const reached = await this.loader.reach(seq);
    if (reached) this.#draw();
    return reached;
  }

  /** @param {Wire.MessageFrame} message */
  #arrived(message) {
    if (message.thread !== this.#thread?.username || message.sender === this.parts.me) return;
    this.#divider.arrived(this.#thread.read);
  }

  #scrolled() {
    const thread = this.#thread;
    this.#drawJump();
    this.parts.onScrolled();
    this.pointer.update(thread?.loaded ? this.parts.games.of(thread.username) : []);
    if (!this.#placed) return;
    if (thread?.runs.look(this.places.sight)) this.draw();
    this.loader.fill();
  }

  /**
   * Shows a photo large, among all that are held.
   * @param {MessageItem} item
   * @param {number} place among the files of its message
   */
  #view(item, place) {
    this.parts.onView(this.#items, this.context(this.#thread?.username ?? ""), `${item.key} ${place}`);
  }

  /** Loads what draws games, which threads without one do not need. */
  #drawGames() {
    this.drawing.failed = false;
    this.drawing.want(() => {}).then(this.draw);
    this.draw();
  }

  /** @param {number} seq */
  #read(seq) {
    const thread = this.#thread?.username;
    if (thread !== undefined && this.parts.store.read(thread, seq))
      this.parts.socket.send({ type: "read", thread, seq });
  }

  #draw() {
    const thread = this.#thread;
    if (!thread) return;
    const ready = thread.loaded && this.loader.begun;
    if (ready && !this.#placed && thread.unread) {
      if (this.#divider.answered) this.#read(thread.head);
      else this.#divider.after = thread.read;
    }
    const entries = this.parts.outbox.of(thread.username);
    const games = gameItems(this.parts.games.of(thread.username), (id) => this.parts.gameCalls.of(id));
    const shown = thread.loaded || entries.length ? items(thread, entries, this.#divider.after, games) : [];
    if (games.length && !this.drawing.made && !this.drawing.failed) this.drawing.want(() => {}).then(this.draw);
    this.#items = shown;
    const context = this.context(thread.username);
    this.scroller.ends = !thread.far;
    const change = () => {
      this.notice.draw(thread, this.loader.failed);
      reconcile(this.list, shown, {
        key: ({ key }) => `${thread.username} ${key}`,
        signature: (item) => signature(item, context),
        node: (item) => itemNode(item, context),
        patch: (node, item) => patchItem(node, item, context),
      });
    };
    const follow = this.#follow || !this.#placed;
    const kept = () => keepingFocus(this.log, change);
    this.guard.around(() => this.scroller.keeping(kept, { follow }));
    this.#follow = false;
    if (ready && !this.#placed) this.#place();
    this.#drawJump();
    this.tracker.look();
    this.actions.update();
    const busy = this.log.hasAttribute("aria-busy");
    if (thread.loaded && busy && !this.loader.loading)
      requestAnimationFrame(() => this.log.removeAttribute("aria-busy"));
    if (this.#placed) this.#scrolled();
  }

  #place() {
    this.#placed = true;
    const divider = this.list.querySelector(".unread-divider");
    if (divider) this.scroller.toNode(divider);
    else this.scroller.toEnd();
  }

  #drawJump() {
    this.jump.draw({ placed: this.#placed, unread: this.#thread?.unread ?? 0 });
  }
}
