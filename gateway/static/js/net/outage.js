import { Emitter } from "../lib/emitter.js";
import { SESSION_ENDED } from "./socket.js";

const GRACE_MS = 400;

/**
 * Whether the connection is lost, for all who show it: longer than a reconnection takes that nobody need notice, and
 * until it is open again, whatever is tried meanwhile. Emits "change".
 */
export class Outage extends Emitter {
  lost = false;
  #timer = null;

  constructor(socket) {
    super();
    socket.on("state", ({ name, code }) => {
      if (name === "waiting") this.#timer ??= setTimeout(() => this.#set(true), navigator.onLine ? GRACE_MS : 0);
      else if (name === "ended" && code !== SESSION_ENDED) this.#set(true);
      else if (name === "open") this.#set(false);
    });
  }

  #set(lost) {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (lost === this.lost) return;
    this.lost = lost;
    this.emit("change", lost);
  }
}
