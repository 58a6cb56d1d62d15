import { byId, setText } from "../lib/dom.js";
import { CROWDED_OUT, SESSION_ENDED } from "../net/socket.js";

/** @import { Outage } from "../net/outage.js" */
/** @import { Socket } from "../net/socket.js" */

const BACK_MS = 2000;
const TICK_MS = 250;

/** The slim line under the header that says when the connection is lost, and when it is back. */
export class BannerView {
  /** @type {number | undefined} */
  #timer;

  /** @param {{ socket: Socket, outage: Outage }} parts */
  constructor({ socket, outage }) {
    this.socket = socket;
    this.banner = byId("banner");
    this.words = byId("banner-words");
    this.countdown = byId("banner-countdown");
    this.retry = byId("banner-retry");
    byId("banner-try").addEventListener("click", () => socket.tryNow());
    socket.on("state", () => outage.lost && this.#lost());
    outage.on("change", (lost) => (lost ? this.#lost() : this.#back()));
  }

  #lost() {
    const { name, code } = this.socket.state;
    const held = this.#held;
    clearTimeout(this.#timer);
    if (code === CROWDED_OUT) this.#crowdedOut();
    else if (name === "ended" && code !== SESSION_ENDED)
      this.#show("The connection was closed. Reload the page to go on.");
    if (name === "waiting" || name === "connecting") this.#show("Connection lost.");
    if (name === "connecting") setText(this.countdown, " Trying again…");
    if (held) this.retry.hidden = name === "ended";
    this.#tick();
  }

  #crowdedOut() {
    this.#show("Duet is open in too many windows. This one had to stop.");
    this.retry.hidden = false;
  }

  #tick() {
    const { name, retryAt = 0 } = this.socket.state;
    if (name !== "waiting") return;
    const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
    setText(this.countdown, ` Trying again in ${seconds} s`);
    this.retry.hidden = false;
    this.#timer = setTimeout(() => this.#tick(), TICK_MS);
  }

  #back() {
    clearTimeout(this.#timer);
    if (this.#held) byId("main").focus({ preventScroll: true });
    this.#show("Back online");
    this.banner.classList.add("restored");
    this.#timer = setTimeout(() => {
      this.banner.hidden = true;
    }, BACK_MS);
  }

  /** Whether the button has the focus, which it would lose with its place. */
  get #held() {
    return this.retry.contains(document.activeElement);
  }

  /** @param {string} words */
  #show(words) {
    this.banner.hidden = false;
    this.banner.classList.remove("restored");
    setText(this.words, words);
    setText(this.countdown, "");
    this.retry.hidden = true;
  }
}
