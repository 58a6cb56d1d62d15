import { Backoff } from "../net/backoff.js";
import { frameOf } from "./entries.js";

/** @import { Entry } from "./entries.js" */
/** @typedef {Wire.Send | Wire.Do} Frame */

const IN_FLIGHT = 20;
const ANSWER_WITHIN_MS = 20_000;
/** Nearly twice what a relay lets one connection owe it: a send with so many behind it is not asked for again. */
const KEPT = 2000;

/**
 * The sends of one connection: at most twenty unanswered in a thread, in order. A send that the relay rejects for now
 * goes again after a pause, and so does one that is not answered.
 */
export class Outgoing {
  #send;
  #flush;
  /** @type {Map<string, { thread: string, at: number }>} when each was sent, by client_id as the next two */
  #inFlight = new Map();
  /** @type {Map<string, Frame>} the frames sent on this connection, but old ones that are answered */
  #given = new Map();
  /** @type {Map<string, Frame>} those of them that the relay wants again before any later one */
  #owed = new Map();
  /** @type {Map<string, { backoff: Backoff, timer: number | null }>} by thread */
  #waits = new Map();

  /**
   * @param {object} does
   * @param {(frame: Frame) => boolean} does.send whether it went out
   * @param {(thread: string) => void} does.flush calls `flush` here with what waits in the thread
   */
  constructor({ send, flush }) {
    this.#send = send;
    this.#flush = flush;
    setInterval(() => this.#repeatUnanswered(), ANSWER_WITHIN_MS / 2);
  }

  /** A new connection: nothing is on its way. */
  begin() {
    this.#inFlight.clear();
  }

  /** The connection is gone, and with it what the relay remembers of its sends. */
  end() {
    this.#inFlight.clear();
    this.#given.clear();
    this.#owed.clear();
    for (const { timer } of this.#waits.values()) clearTimeout(timer ?? undefined);
    this.#waits.clear();
  }

  /**
   * Sends what waits in `thread`, in order, as far as the window goes.
   * @param {string} thread
   * @param {Entry[]} waiting
   * @param {{ has(clientId: string): boolean }} unsaved client_ids that are still being stored: neither they nor later ones go out
   */
  flush(thread, waiting, unsaved) {
    if (this.#waits.get(thread)?.timer) return;
    for (const frame of this.#settledOwed(thread, waiting)) if (!this.#give(frame)) return;
    for (const entry of waiting.slice(0, IN_FLIGHT)) {
      const { client_id } = entry;
      if (unsaved.has(client_id)) return;
      if (this.#inFlight.has(client_id)) continue;
      if (!this.#give(frameOf(entry))) return;
      this.#inFlight.set(client_id, { thread, at: Date.now() });
    }
  }

  /** @param {string} clientId */
  answered(clientId) {
    this.#inFlight.delete(clientId);
  }

  /**
   * A message reached the log: the next pause there is a short one again.
   * @param {string} thread
   */
  advanced(thread) {
    this.#waits.get(thread)?.backoff.reset();
  }

  /**
   * The relay wants it again. It rejects the thread's later sends too, so all go again, in order.
   * @param {string} clientId
   */
  postponed(clientId) {
    this.#inFlight.delete(clientId);
    const frame = this.#given.get(clientId);
    if (!frame) return;
    this.#owed.set(clientId, frame);
    const wait = this.#waits.get(frame.to) ?? { backoff: new Backoff(), timer: null };
    this.#waits.set(frame.to, wait);
    wait.timer ??= setTimeout(() => {
      wait.timer = null;
      this.#again(frame.to);
    }, 500 + wait.backoff.next());
  }

  /**
   * What the relay still waits for in `thread`, though it has reached the log another way by now.
   * @param {string} thread
   * @param {{ client_id: string }[]} waiting
   */
  #settledOwed(thread, waiting) {
    const ids = new Set(waiting.map(({ client_id }) => client_id));
    return [...this.#owed.values()].filter(({ to, client_id }) => to === thread && !ids.has(client_id));
  }

  /** @param {Frame} frame */
  #give(frame) {
    if (!this.#send(frame)) return false;
    this.#given.delete(frame.client_id); // the order is that of sending
    this.#given.set(frame.client_id, frame);
    this.#owed.delete(frame.client_id);
    this.#forget();
    return true;
  }

  #forget() {
    for (const clientId of this.#given.keys()) {
      if (this.#given.size <= KEPT) return;
      if (!this.#inFlight.has(clientId)) this.#given.delete(clientId);
    }
  }

  /** @param {string} thread */
  #again(thread) {
    for (const [clientId, sent] of this.#inFlight) if (sent.thread === thread) this.#inFlight.delete(clientId);
    this.#flush(thread);
  }

  #repeatUnanswered() {
    const late = [...this.#inFlight.values()].filter(({ at }) => Date.now() - at > ANSWER_WITHIN_MS);
    for (const thread of new Set(late.map((sent) => sent.thread))) this.#again(thread);
  }
}
