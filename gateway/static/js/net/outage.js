import { Emitter } from "../lib/emitter.js";
import { SESSION_ENDED } from "./socket.js";

const GRACE_MS = 400;
const FIRST_MS = 5000;

/** @import { Socket } from "./socket.js" */

/**
 * Whether the connection is lost, for every view that shows it. A reconnection so short that nobody need notice does
 * not count (the first connection may take longer); after that it is lost until it is open again, whatever is tried.
 * @extends {Emitter<{ change: boolean }>}
 */
export class Outage extends Emitter {
  lost = false;
  /** @type {number | undefined} */
  #timer;
  #due = Infinity;

  /**
   * @param {Socket} socket
   * @param {{ already?: boolean }} [is] already: lost from the beginning
   */
  constructor(socket, { already = false } = {}) {
    super();
    this.lost = already;
    this.#lostIn(FIRST_MS);
    socket.on("state", ({ name, code }) => {
      if (name === "waiting") this.#lostIn(navigator.onLine ? GRACE_MS : 0);
      else if (name === "ended" && code !== SESSION_ENDED) this.#set(true);
      else if (name === "open") this.#set(false);
    });
  }

  /**
   * Does nothing if that is due sooner already: further tries put nothing off.
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
