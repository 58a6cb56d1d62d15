import { Emitter } from "../lib/emitter.js";

/** The tabs of one user in this browser. Emits what another tab tells: "outbox" or "logged-out". */
export class Tabs extends Emitter {
  #channel = null;

  constructor(username) {
    super();
    this.name = `duet:${username}`;
    try {
      this.#channel = new BroadcastChannel(this.name);
      this.#channel.onmessage = ({ data }) => this.emit(data);
    } catch (error) {
      console.warn("Duet: the tabs cannot talk", error);
    }
  }

  tell(what) {
    this.#channel?.postMessage(what);
  }

  /** Calls `lead` once this tab is the one that sends: at once, or when the tab that does is gone. */
  whenLeading(lead) {
    // Web Locks exist on https and on this machine only, and some settings forbid them; without them every tab
    // sends, and the client_id keeps that harmless.
    if (!navigator.locks) lead();
    else navigator.locks.request(`${this.name}:outbox`, () => new Promise(lead)).catch(lead);
  }
}
