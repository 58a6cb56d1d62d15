import { Emitter } from "../lib/emitter.js";

const LOCK_WITHIN_MS = 2000;

/** @import { Change } from "./drafts.js" */
/** @typedef {{ outbox: undefined, "logged-out": undefined, draft: Change, tray: string }} Told tray: a thread */

/**
 * The tabs of one user in this browser. Emits what another tab tells.
 * @extends {Emitter<Told>}
 */
export class Tabs extends Emitter {
  /** @type {BroadcastChannel | null} */
  #channel = null;
  /** @type {(leads: boolean) => void} */
  #led = () => {};
  #queued = false;

  /** @param {string} username */
  constructor(username) {
    super();
    this.name = `duet:${username}`;
    try {
      this.#channel = new BroadcastChannel(this.name);
      this.#channel.onmessage = ({ data: { what, about } }) => this.emit(what, about);
    } catch (error) {
      console.warn("Duet: the tabs cannot talk", error);
    }
  }

  /**
   * @template {keyof Told} What
   * @param {What} what
   * @param {Told[What]} [about]
   */
  tell(what, about) {
    try {
      this.#channel?.postMessage({ what, about });
    } catch (error) {
      console.warn("Duet: the tabs cannot talk", error);
    }
  }

  /**
   * Calls `led(true)` once this tab is the one that sends, and `led(false)` when another has taken that over.
   * @param {(leads: boolean) => void} led
   */
  whenLeading(led) {
    this.#led = led;
    this.#queue();
  }

  /**
   * Takes the lead from a tab that does not use it: one that is asleep, cut off, or stuck in a dialog. Where the
   * browser does not answer in time, this tab sends as well.
   */
  takeLead() {
    const late = setTimeout(() => this.#led(true), LOCK_WITHIN_MS);
    this.#hold({ steal: true }, () => clearTimeout(late));
  }

  /** Takes the lead when the tab that has it is gone; at once if there is none. */
  #queue() {
    if (this.#queued) return;
    this.#queued = true;
    this.#hold({});
  }

  /**
   * @param {LockOptions} options
   * @param {() => void} [answered]
   */
  async #hold(options, answered) {
    // Web Locks need https or this very machine, and some settings forbid them. Without them every tab sends, and
    // the client_id keeps that harmless.
    const held = () => {
      answered?.();
      if (!options.steal) this.#queued = false;
      this.#led(true);
      return new Promise(() => {});
    };
    try {
      if (!navigator.locks) held();
      else await navigator.locks.request(`${this.name}:outbox`, options, held);
    } catch (error) {
      answered?.();
      const taken = error instanceof DOMException && error.name === "AbortError";
      this.#led(!taken);
      if (taken) this.#queue();
    }
  }
}
