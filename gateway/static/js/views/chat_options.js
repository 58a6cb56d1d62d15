import { isolated } from "../lib/names.js";
import { inWords } from "../net/api.js";
import { serverNow } from "../net/skew.js";
import { Menu } from "./menu.js";
import { say } from "./news.js";
import { Toast } from "./toast.js";

/** @import { OwnStates } from "../models/own_states.js" */
/** @import { Store } from "../models/store.js" */
/** @import { Thread } from "../models/thread.js" */
/**
 * @typedef {"mute-hour" | "mute-day" | "mute" | "unmute" | "archive" | "archive-always" | "unarchive" | "mark-unread" | "mark-read"} Action
 */

const HOUR_MS = 3_600_000;

/** @param {number} hours */
const until = (hours) => new Date(serverNow() + hours * HOUR_MS).toISOString();

/** @type {Record<Exclude<Action, "mark-read">, () => Wire.ChangeState>} */
const CHANGES = {
  "mute-hour": () => ({ muted_until: until(1) }),
  "mute-day": () => ({ muted_until: until(24) }),
  mute: () => ({ muted_until: "forever" }),
  unmute: () => ({ muted_until: null }),
  archive: () => ({ archived: "until-new" }),
  "archive-always": () => ({ archived: "always" }),
  unarchive: () => ({ archived: null }),
  "mark-unread": () => ({ marked_unread: true }),
};

/** @type {Record<Action, string>} */
const DONE = {
  "mute-hour": "Muted for an hour",
  "mute-day": "Muted for a day",
  mute: "Muted",
  unmute: "No longer muted",
  archive: "Archived",
  "archive-always": "Archived",
  unarchive: "Back in the list",
  "mark-unread": "Marked as unread",
  "mark-read": "Marked as read",
};

/**
 * @param {Thread} thread
 * @returns {Set<Action>}
 */
export function actionsFor({ muted, archived, unread, own }) {
  const marked = unread > 0 || own.isMarked;
  /** @type {[Action, boolean][]} */
  const all = [
    ["mute-hour", !muted],
    ["mute-day", !muted],
    ["mute", !muted],
    ["unmute", muted],
    ["archive", archived === null],
    ["archive-always", archived !== "always"],
    ["unarchive", archived !== null],
    ["mark-unread", !marked],
    ["mark-read", marked],
  ];
  return new Set(all.filter(([, may]) => may).map(([action]) => action));
}

/** What can be done with a chat as a whole, from its row and from its header. */
export class ChatOptions {
  #chosen = "";

  /**
   * @param {object} parts
   * @param {Store} parts.store
   * @param {OwnStates} parts.states
   * @param {HTMLElement} parts.list of the rows
   * @param {(username: string) => void} parts.onRead all of it counts as read
   * @param {(username: string) => void} parts.onGone the chat is put away: it is not open any more
   * @param {(username: string) => void} parts.onFocus the focus is to go to its row, or near to where that was
   */
  constructor({ store, states, list, onRead, onGone, onFocus }) {
    this.store = store;
    this.states = states;
    this.onRead = onRead;
    this.onGone = onGone;
    /** @type {Menu<Action>} */
    this.menu = new Menu({ id: "chat-menu", scroller: list, onChoose: (_, action) => this.#choose(action) });
    this.toast = new Toast(() => onFocus(this.#chosen));
    states.on("failed", ({ thread, error }) => this.#failed(thread, error));
  }

  /**
   * @param {HTMLElement} button
   * @param {string} username
   */
  open(button, username) {
    if (this.menu.isOpenFor(button)) {
      this.menu.close();
      return;
    }
    this.#chosen = username;
    this.menu.open(button, actionsFor(this.store.thread(username)));
  }

  /** @param {Action} action */
  #choose(action) {
    const username = this.#chosen;
    const { archived } = this.store.thread(username);
    if (action === "mark-read") this.onRead(username);
    else this.states.change(username, CHANGES[action]());
    if (["archive", "archive-always", "mark-unread"].includes(action)) this.onGone(username);
    if (action.includes("archive")) this.toast.show(DONE[action], () => this.states.change(username, { archived }));
    else say(DONE[action]);
  }

  /**
   * @param {string} username
   * @param {unknown} error
   */
  #failed(username, error) {
    const name = isolated(this.store.thread(username).display_name);
    this.toast.show(`The chat with ${name} could not be changed. ${inWords(error)}`);
  }
}
