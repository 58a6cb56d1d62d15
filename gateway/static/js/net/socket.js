import { Emitter } from "../lib/emitter.js";
import { Backoff } from "./backoff.js";
import { Cursors } from "./cursors.js";

const PROTOCOL = "duet.v1";
const PING_AFTER_MS = 20_000;
const PONG_WITHIN_MS = 10_000;
const WELCOME_WITHIN_MS = 15_000;
const PEACE_MS = 10_000;
const FINAL_FOR_LAST_FRAME = new Set([1002, 1003, 1007, 1009]);
export const SESSION_ENDED = 4501;
export const CROWDED_OUT = 4502;

/** @typedef {{ name: "connecting" | "open" | "waiting" | "ended", retryAt?: number, code?: number }} State retryAt: ms */
/** @typedef {Wire.MessageFrame | Wire.EventFrame} Durable */

/**
 * @typedef {object} Events
 * @property {State} state
 * @property {Wire.Welcome & { ahead: string[] }} welcome ahead: threads to load again
 * @property {Durable} applied per thread in seq order, without gap or repeat
 * @property {Durable} old one that the history brought already
 * @property {Exclude<Wire.ServerFrame, Wire.Welcome | Wire.Pong>} frame every other one
 * @property {Wire.ClientFrame} refused the one sent last, when the close code says that it is to blame
 * @property {undefined} unopened a try failed before the socket opened (the session may be over)
 */

/**
 * The one owner of the websocket, of reconnecting and of the cursors.
 * @extends {Emitter<Events>}
 */
export class Socket extends Emitter {
  cursors = new Cursors();
  /** @type {State} */
  state = { name: "connecting" };
  #backoff = new Backoff();
  #path;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {{ heartbeat?: number, retry?: number, peace?: number }} */
  #timers = {};
  /** @type {Wire.ClientFrame | null} */
  #lastSent = null;
  #unopened = 0;

  /** @param {() => string} path where to connect, a page's own address */
  constructor(path) {
    super();
    this.#path = path;
    addEventListener("online", () => this.tryNow());
    addEventListener("offline", () => this.#drop());
    addEventListener("pageshow", () => this.tryNow());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.tryNow());
  }

  start() {
    this.#clearTimers();
    this.#setState({ name: "connecting" });
    const url = new URL(this.#unopened ? "/messages" : this.#path(), location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url, PROTOCOL);
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#transmit({ type: "hello", cursors: this.cursors.hello() });
    };
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = ({ code }) => this.#closed(code, opened);
    this.#timers.heartbeat = setTimeout(() => this.#drop(), WELCOME_WITHIN_MS);
  }

  /** Ends the wait for the next try; who had to go for a newer one of too many comes back when a person wants it. */
  tryNow() {
    if (this.state.name === "waiting" || this.state.code === CROWDED_OUT) this.start();
  }

  /**
   * Closes for good.
   * @param {number} code
   */
  stop(code) {
    this.#detach();
    this.#setState({ name: "ended", code });
  }

  /**
   * False when not connected; nothing is kept for later.
   * @param {Wire.ClientFrame} frame
   */
  send(frame) {
    if (this.state.name !== "open") return false;
    this.#transmit(frame);
    return true;
  }

  /**
   * The history of `thread` is loaded up to `head`: what comes after it is wanted, from here on.
   * @param {string} thread
   * @param {number} head
   */
  hold(thread, head) {
    if (this.cursors.hold(thread, head)) this.send({ type: "sync", thread, after: head });
  }

  /** @param {Wire.ClientFrame} frame */
  #transmit(frame) {
    this.#lastSent = frame;
    this.#socket?.send(JSON.stringify(frame));
  }

  /** @param {Wire.ServerFrame} frame */
  #receive(frame) {
    this.#listen();
    if (frame.type === "welcome") this.#welcome(frame);
    else if ((frame.type === "event" || frame.type === "message") && !frame.repeat) this.#durable(frame);
    else if (frame.type !== "pong") this.emit("frame", frame);
  }

  /** @param {Wire.Welcome} frame */
  #welcome(frame) {
    this.#unopened = 0;
    this.#timers.peace = setTimeout(() => this.#backoff.reset(), PEACE_MS);
    const { sync, ahead } = this.cursors.welcome(frame.threads);
    this.#setState({ name: "open" });
    for (const { thread, after } of sync) this.send({ type: "sync", thread, after });
    this.emit("welcome", { ...frame, ahead });
  }

  /** @param {Durable} frame */
  #durable(frame) {
    const verdict = this.cursors.take(frame.thread, frame.seq);
    if (verdict === "apply") this.emit("applied", frame);
    if (verdict === "old") this.emit("old", frame);
    if (verdict !== "gap") return;
    const after = this.cursors.ask(frame.thread);
    if (after !== null) this.send({ type: "sync", thread: frame.thread, after });
  }

  #listen() {
    clearTimeout(this.#timers.heartbeat);
    this.#timers.heartbeat = setTimeout(() => {
      if (this.state.name === "open") this.#transmit({ type: "ping" });
      this.#timers.heartbeat = setTimeout(() => this.#drop(), PONG_WITHIN_MS);
    }, PING_AFTER_MS);
  }

  /** Gives up a socket that may be dead without knowing it. */
  #drop() {
    if (this.state.name === "open" || this.state.name === "connecting") this.#closed(1006, true);
  }

  /**
   * @param {number} code
   * @param {boolean} opened
   */
  #closed(code, opened) {
    this.#detach();
    if (FINAL_FOR_LAST_FRAME.has(code) && this.#lastSent) this.emit("refused", this.#lastSent);
    this.#lastSent = null;
    if (code >= 4500 && code <= 4999) {
      this.#setState({ name: "ended", code });
      return;
    }
    const wait = this.#backoff.next();
    this.#timers.retry = setTimeout(() => this.start(), wait);
    this.#setState({ name: "waiting", retryAt: Date.now() + wait });
    if (opened) return;
    this.#unopened += 1;
    this.emit("unopened");
  }

  #detach() {
    this.#clearTimers();
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  #clearTimers() {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.#timers = {};
  }

  /** @param {State} state */
  #setState(state) {
    this.state = state;
    this.emit("state", state);
  }
}
