import { isApp } from "../lib/badge.js";
import { byId, setText } from "../lib/dom.js";
import { isolated } from "../lib/names.js";
import { local } from "../lib/storage.js";
import { pushSupport } from "../models/push.js";

/** @import { Push } from "../models/push.js" */
/** @import { Store } from "../models/store.js" */
/** @typedef {Event & { prompt(): Promise<unknown> }} InstallEvent */
/** @typedef {{ about: string, words: string, yes?: { word: string, go: () => unknown } }} Suggestion */

/** @param {string} about */
const key = (about) => `duet:no-hint:${about}`;

/**
 * One quiet line above the composer, once somebody has answered: what notifications are good for, or that Duet can be an
 * app. Who closes it is never told again. Nothing is asked before a tap.
 */
export class Hint {
  /** @type {InstallEvent | null} */
  #install = null;
  /** @type {Suggestion | null} */
  #shown = null;
  /** @type {string | null} a username */
  #thread = null;

  /** @param {{ me: string, store: Store, push: Push }} parts */
  constructor({ me, store, push }) {
    this.push = push;
    this.store = store;
    this.bar = byId("hint");
    this.yes = byId("hint-yes");
    addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault(); // the browser's own is not asked for either
      this.#install = /** @type {InstallEvent} */ (event);
    });
    store.on("arrived", ({ thread, sender }) => {
      const isAnswer = sender !== me && store.thread(thread).messages.some((message) => message.sender === me);
      if (isAnswer && thread === this.#thread && !this.#shown) this.#show(this.#next());
    });
    this.yes.addEventListener("click", () => {
      this.#shown?.yes?.go();
      this.#close();
    });
    byId("hint-no").addEventListener("click", () => this.#close());
  }

  /** @param {string | null} username */
  open(username) {
    this.#thread = username;
    this.#show(null);
  }

  /** @returns {Suggestion | null} */
  #next() {
    const name = isolated(this.store.thread(this.#thread ?? "").display_name);
    const support = pushSupport();
    /** @type {(Suggestion | null)[]} */
    const suggestions = [
      support === "default"
        ? {
            about: "push",
            words: `Be told when ${name} writes, also when Duet is closed.`,
            yes: { word: "Turn on", go: () => this.push.turnOn() },
          }
        : null,
      support === "install"
        ? {
            about: "install",
            words: "To be told of messages here, put Duet on the Home Screen: tap Share, then “Add to Home Screen”.",
          }
        : null,
      this.#install && !isApp()
        ? {
            about: "install",
            words: "Duet can be an app: with an icon of its own, and there without a network.",
            yes: { word: "Install", go: () => this.#install?.prompt().catch(console.warn) },
          }
        : null,
    ];
    return suggestions.find((one) => one && local.get(key(one.about)) === null) ?? null;
  }

  #close() {
    if (this.#shown) local.set(key(this.#shown.about), "1");
    const held = this.bar.contains(document.activeElement);
    this.#show(null);
    if (held) byId("message").focus({ preventScroll: true });
  }

  /** @param {Suggestion | null} suggestion */
  #show(suggestion) {
    this.#shown = suggestion;
    this.bar.hidden = !suggestion;
    if (!suggestion) return;
    setText(byId("hint-words"), suggestion.words);
    this.yes.hidden = !suggestion.yes;
    setText(this.yes, suggestion.yes?.word ?? "");
  }
}
