import { byId, setText } from "../lib/dom.js";
import { short } from "../lib/time.js";
import { CROWDED_OUT, SESSION_ENDED } from "../net/socket.js";

/** @import { Outage } from "../net/outage.js" */
/** @import { Socket } from "../net/socket.js" */

const BACK_MS = 2000;
const TICK_MS = 250;

/** The slim line under the header that says when the connection is lost, and when it is back. */
export class BannerView {
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {object} parts
   * @param {Socket} parts.socket
   * @param {Outage} parts.outage
   * @param {number | null} parts.since when the page was last in touch; null: it has just come from the server
   */
  constructor({ socket, outage, since }) {
    this.socket = socket;
    this.since = since;
    this.banner = byId("banner");
    this.words = byId("banner-words");
    this.countdown = byId("banner-countdown");
    this.retry = byId("banner-retry");
    byId("banner-try").addEventListener("click", () => socket.tryNow());
    socket.on("state", () => outage.lost && this.#lost());
    outage.on("change", (lost) => (lost ? this.#lost() : this.#back()));
    if (outage.lost) this.#lost();
  }

  #lost() {
    const { name, code } = this.socket.state;
    const held = this.#held;
    clearTimeout(this.#timer);
    if (code === CROWDED_OUT) this.#crowdedOut();
    else if (this.since !== null && name !== "ended") this.#offline(this.since);
    else if (name === "ended" && code !== SESSION_ENDED)
      this.#show("The connection was closed. Reload the page to go on.");
    else if (name !== "ended" && name !== "open") this.#trying(name);
    if (held) this.retry.hidden = name === "ended";
  }

  /** @param {"waiting" | "connecting"} name of the state */
  #trying(name) {
    this.#show("Connection lost.");
    if (name === "connecting") setText(this.countdown, " Trying again…");
    this.#tick();
  }

  /**
   * Everything that the page shows is from before.
   * @param {number} since
   */
  #offline(since) {
    const why = navigator.onLine ? "Duet cannot be reached." : "You are offline.";
    this.#show(`${why} This is from ${since ? short(since) : "before"}.`);
    this.retry.hidden = false;
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
    this.since = null;
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
