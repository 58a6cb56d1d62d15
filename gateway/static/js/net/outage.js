import { Emitter } from "../lib/emitter.js";
import { SESSION_ENDED } from "./socket.js";

const GRACE_MS = 400;
const FIRST_MS = 5000;

/** @import { Socket } from "./socket.js" */

/**
 * Whether the connection is lost, for all who show it: longer than a reconnection takes that nobody need notice (the
 * first connection may take longer), and until it is open again, whatever is tried meanwhile.
 * @extends {Emitter<{ change: boolean }>}
 */
export class Outage extends Emitter {
  lost = false;
  /** @type {number | undefined} */
  #timer;
  #due = Infinity;

  /** @param {Socket} socket */
  constructor(socket) {
    super();
    this.#lostIn(FIRST_MS);
    socket.on("state", ({ name, code }) => {
      if (name === "waiting") this.#lostIn(navigator.onLine ? GRACE_MS : 0);
      else if (name === "ended" && code !== SESSION_ENDED) this.#set(true);
      else if (name === "open") this.#set(false);
    });
  }

  /**
   * Unless it is to be sooner already: further tries put nothing off.
   * @param {number} ms
   */
  #lostIn(ms) {
    const due = performance.now() + ms;
    if (this.lost || due >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => this.#set(true), ms);
  }

  /** @param {boolean} lost */
  #set(lost) {
    clearTimeout(this.#timer);
    this.#due = Infinity;
    if (lost === this.lost) return;
    this.lost = lost;
    this.emit("change", lost);
  }
}
