import { gameItems } from "../games/models/items.js";
import { Guard } from "../games/views/guard.js";
import { GamePointer } from "../games/views/pointer.js";
import { isAttended, onAttention } from "../lib/attention.js";
import { onCalendar } from "../lib/calendar.js";
import { byId } from "../lib/dom.js";
import { scheduled } from "../lib/schedule.js";
import { items } from "./items.js";
import { Jump } from "./jump.js";
import { LogNotice } from "./log_notice.js";
import { itemNode, patchItem, signature } from "./message.js";
import { ReadTracker } from "./read_tracker.js";
import { reconcile } from "./reconcile.js";
import { Scroller } from "./scroller.js";

/** @import { Command, GameCalls } from "../models/game_calls.js" */
/** @import { Entry, Games } from "../models/games.js" */
/** @import { History } from "../models/history.js" */
/** @import { Outbox } from "../models/outbox.js" */
/** @import { Store } from "../models/store.js" */
/** @import { Thread } from "../models/thread.js" */
/** @import { Outage } from "../net/outage.js" */
/** @import { Socket } from "../net/socket.js" */
/** @import { Context } from "./message.js" */

/**
 * What the log shows, and what is done from it.
 * @typedef {object} Parts
 * @property {string} me
 * @property {Store} store
 * @property {Outbox} outbox
 * @property {Socket} socket
 * @property {Outage} outage
 * @property {History} history
 * @property {Games} games
 * @property {GameCalls} gameCalls
 * @property {(username: string) => Record<string, string>} namesOf the display names of a thread's two members
 * @property {(text: string | null) => void} edit puts a failed message back into the composer
 * @property {(id: string) => void} resign asks before a game is given up
 */

const OLDER_WITHIN_PX = 800;

/** The log of the open thread: its messages and its games. */
export class ThreadView {
  /** @type {Thread | null} */
  #thread = null;
  /** @type {number | null} a seq: below it stands the divider */
  #unreadAfter = null;
  /** Whether something has arrived since somebody last looked at the page. */
  #missed = false;
  #placed = false;
  #answered = false;
  #follow = false;
  #failed = false;

  /** @param {Parts} parts */
  constructor({ me, store, outbox, socket, outage, history, games, gameCalls, namesOf, edit, resign }) {
    this.me = me;
    this.store = store;
    this.outbox = outbox;
    this.socket = socket;
    this.outage = outage;
    this.history = history;
    this.games = games;
    this.gameCalls = gameCalls;
    this.namesOf = namesOf;
    this.edit = edit;
    this.resign = resign;
    this.log = byId("log");
    this.list = byId("messages");
    this.notice = new LogNotice(() => (this.#thread?.loaded ? this.#older() : this.#load()));
    this.scroller = new Scroller(this.log, this.list, () => this.#drawJump());
    this.jump = new Jump(this.log, this.scroller);
    this.guard = new Guard(this.list);
    this.pointer = new GamePointer({ me, log: this.log, onShow: (entry) => this.#showGame(entry) });
    this.draw = scheduled(() => this.#draw());
    this.tracker = new ReadTracker({
      scroller: this.log,
      list: this.list,
      unread: () => this.#thread?.read ?? 0,
      onRead: (seq) => this.#read(seq),
    });
    this.#listen();
  }

  #listen() {
    this.store.on("thread", (username) => username === this.#thread?.username && this.draw());
    this.outbox.on("change", (username) => username === this.#thread?.username && this.draw());
    this.games.on("change", ({ thread }) => thread === this.#thread?.username && this.draw());
    this.gameCalls.on("change", (id) => this.games.get(id)?.thread === this.#thread?.username && this.draw());
    this.outage.on("change", () => this.#thread && this.draw());
    onCalendar(this.draw);
    this.socket.on("welcome", () => this.#thread && this.#load());
    this.store.on("arrived", (message) => this.#arrived(message));
    this.log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    onAttention(() => {
      if (isAttended()) this.#missed = false;
    });
  }

  /** @param {string | null} username of the thread to show; null for none */
  open(username) {
    this.tracker.reset();
    this.#thread = username === null ? null : this.store.thread(username);
    this.#unreadAfter = null;
    this.#missed = false;
    this.#placed = false;
    this.#answered = false;
    this.#failed = false;
    this.pointer.update([]);
    if (!this.#thread) return;
    this.log.setAttribute("aria-busy", "true");
    this.#draw();
    this.#load();
  }

  /** I wrote, or offered a game: scrolls to the end, and everything above counts as read once it is loaded. */
  followOwn() {
    this.#follow = true;
    this.#answered = true;
    this.#unreadAfter = null;
    if (this.#thread?.loaded) this.#read(this.#thread.head);
    this.draw();
  }

  /**
   * Brings an open game into view, from however far back.
   * @param {Entry} entry
   */
  async #showGame({ seq, game }) {
    const thread = this.#thread;
    if (!thread) return;
    const isHeld = () => thread.complete || (thread.messages[0]?.seq ?? Infinity) <= (seq ?? 0);
    while (thread === this.#thread && thread.loaded && !isHeld() && !this.#failed) await this.#older();
    if (thread !== this.#thread) return;
    this.#draw();
    const node = document.getElementById(`game-${game.id}`);
    if (!node) return;
    this.scroller.toNode(node, 0.05);
    /** @type {HTMLElement | null} */
    const target = node.querySelector(".cell[tabindex='0'], .game-status");
    target?.focus({ preventScroll: true });
  }

  async #load() {
    await this.#try((username) => this.history.newest(username));
  }

  async #older() {
    this.log.setAttribute("aria-busy", "true");
    await this.#try((username) => this.history.older(username));
  }

  /**
   * Shows how it went, if its thread is still the open one.
   * @param {(username: string) => Promise<void>} load
   */
  async #try(load) {
    const thread = this.#thread;
    if (!thread) return;
    this.#failed = false;
    const failed = await load(thread.username).then(
      () => false,
      () => true,
    );
    if (thread !== this.#thread) return;
    this.#failed = failed;
    this.draw();
  }

  /** @param {Wire.MessageFrame} message */
  #arrived(message) {
    if (message.thread !== this.#thread?.username || message.sender === this.me) return;
    if (isAttended() || this.#missed) return;
    this.#missed = true;
    this.#unreadAfter = this.#thread.read;
  }

  #scrolled() {
    this.#drawJump();
    this.pointer.update(this.#thread?.loaded ? this.games.of(this.#thread.username) : []);
    const more = this.#thread?.loaded && !this.#thread.complete;
    if (more && !this.#failed && this.log.scrollTop < OLDER_WITHIN_PX) this.#older();
  }

  /** @param {number} seq */
  #read(seq) {
    const thread = this.#thread?.username;
    if (thread !== undefined && this.store.read(thread, seq)) this.socket.send({ type: "read", thread, seq });
  }

  #draw() {
    const thread = this.#thread;
    if (!thread) return;
    if (thread.loaded && !this.#placed && thread.unread) {
      if (this.#answered) this.#read(thread.head);
      else this.#unreadAfter = thread.read;
    }
    const entries = this.outbox.of(thread.username);
    const games = gameItems(this.games.of(thread.username), (id) => this.gameCalls.of(id));
    const shown = thread.loaded || entries.length ? items(thread, entries, this.#unreadAfter, games) : [];
    const context = this.#context(thread);
    const change = () => {
      this.notice.draw(thread, this.#failed);
      reconcile(this.list, shown, {
        key: ({ key }) => `${thread.username} ${key}`,
        signature: (item) => signature(item, context),
        node: (item) => itemNode(item, context),
        patch: (node, item) => patchItem(node, item, context),
      });
    };
    const follow = this.#follow || !this.#placed;
    this.guard.around(() => this.scroller.keeping(change, { follow }));
    this.#follow = false;
    if (thread.loaded && !this.#placed) this.#place();
    this.#drawJump();
    this.tracker.look();
    const busy = this.log.hasAttribute("aria-busy");
    if (thread.loaded && busy) requestAnimationFrame(() => this.log.removeAttribute("aria-busy"));
    if (this.#placed) this.#scrolled();
  }

  /**
   * @param {Thread} thread
   * @returns {Context}
   */
  #context(thread) {
    return {
      me: this.me,
      offline: this.outage.lost,
      names: this.namesOf(thread.username),
      retry: (clientId) => this.#retry(clientId),
      edit: (clientId) => this.edit(this.outbox.remove(clientId)),
      games: {
        act: (id, command) => this.#act(id, command),
        retry: (id) => this.gameCalls.retry(id),
        resign: this.resign,
        changed: (node) => this.guard.freshen(node),
      },
    };
  }

  /** @param {string} clientId */
  #retry(clientId) {
    this.log.focus({ preventScroll: true }); // the button goes
    this.outbox.retry(clientId);
  }

  /**
   * A rematch is a new game at the end.
   * @param {string} id
   * @param {Command} command
   */
  async #act(id, command) {
    const answer = await this.gameCalls.act(id, command);
    if (answer && command.do === "rematch") this.followOwn();
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
