import { byId, setText } from "../lib/dom.js";
import { SESSION_ENDED } from "../net/socket.js";

const GRACE_MS = 400;
const BACK_MS = 2000;
const TICK_MS = 250;

/** The slim line under the header that says when the connection is lost, and when it is back. */
export class BannerView {
  #lost = false;
  #timers = [];

  constructor({ socket }) {
    this.socket = socket;
    this.banner = byId("banner");
    this.words = byId("banner-words");
    this.countdown = byId("banner-countdown");
    this.button = byId("banner-try");
    this.button.addEventListener("click", () => socket.tryNow());
    socket.on("state", (state) => this.#state(state));
  }

  #state({ name, code }) {
    this.#clear();
    if (name === "open" && this.#lost) this.#back();
    else if (name === "ended" && code !== SESSION_ENDED) this.#show("The connection was closed. Reload the page to go on.");
    else if (name === "waiting") this.#later(() => this.#waiting(), this.#lost || !navigator.onLine ? 0 : GRACE_MS);
    else if (name === "connecting" && this.#lost) this.#connecting();
  }

  #waiting() {
    this.#lost = true;
    this.#show("Connection lost.");
    this.#tick();
  }

  #tick() {
    const { name, retryAt } = this.socket.state;
    if (name !== "waiting") return;
    const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
    setText(this.countdown, ` Trying again in ${seconds} s`);
    this.button.parentElement.hidden = false;
    this.#later(() => this.#tick(), TICK_MS);
  }

  #connecting() {
    this.#show("Connection lost.");
    setText(this.countdown, " Trying again…");
  }

  #back() {
    this.#lost = false;
    this.#show("Back online");
    this.banner.classList.add("restored");
    this.#later(() => (this.banner.hidden = true), BACK_MS);
  }

  #show(words) {
    this.banner.hidden = false;
    this.banner.classList.remove("restored");
    setText(this.words, words);
    setText(this.countdown, "");
    this.button.parentElement.hidden = true;
  }

  #later(run, ms) {
    this.#timers.push(setTimeout(run, ms));
  }

  #clear() {
    this.#timers.forEach(clearTimeout);
    this.#timers = [];
  }
}
