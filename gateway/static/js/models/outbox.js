import { Emitter } from "../lib/emitter.js";
import { sentence } from "../lib/text.js";
import { filesOf, isMessage, isWaiting, textOf } from "./entries.js";
import { Lead } from "./lead.js";
import * as browserDb from "./outbox_db.js";
import { OutboxFiles } from "./outbox_files.js";
import { Outgoing } from "./outgoing.js";
import { fresh, Queue } from "./queue.js";
import { Uploads } from "./uploads.js";

/** @import { Body, File, Kind } from "./entries.js" */
/** @import { Frame } from "./outgoing.js" */
/** @import { Db } from "./shelf.js" */
/** @import { Tabs } from "./tabs.js" */

/**
 * What this user wrote and changed and the log has not acknowledged, in order per thread. Emits "change" with the thread's username.
 * @extends {Emitter<{ change: string }>}
 */
export class Outbox extends Emitter {
  #lead;
  #queue;
  #outgoing;
  #files;
  #connection = 0;
  #connected = false;

  /**
   * @param {object} parts
   * @param {string} parts.owner a username
   * @param {Tabs} parts.tabs
   * @param {(frame: Frame) => boolean} parts.send whether it went out
   * @param {string | null} parts.log the id last known
   * @param {Db} [parts.db]
   * @param {Uploads} [parts.uploads]
   */
  constructor({ owner, tabs, send, log, db = browserDb, uploads = new Uploads({ owner }) }) {
    super();
    this.#lead = new Lead(tabs);
    this.#queue = new Queue({ owner, tabs, lead: this.#lead, log, db });
    this.#queue.on("change", (thread) => this.emit("change", thread));
    this.#queue.on("stored", (thread) => this.#flush(thread));
    this.#files = new OutboxFiles({
      uploads,
      queue: this.#queue,
      onRefused: (clientId, why) => this.#lead.held && this.fail(clientId, why),
      onProgress: (thread) => this.emit("change", thread),
    });
    const give = (/** @type {Frame} */ frame) => {
      const given = send(frame);
      if (given) this.#queue.give(frame.client_id);
      return given;
    };
    this.#outgoing = new Outgoing({ send: give, flush: (thread) => this.#flush(thread) });
    tabs.on("outbox", () => this.#reload());
    this.#lead.seek(() => {
      this.#queue.inherits = true;
      this.#reload();
    });
    this.ready = this.#queue.recover().then(() => this.#reload());
  }

  /** Whether this tab is the one of the tabs that sends. */
  get leads() {
    return this.#lead.held;
  }

  get entries() {
    return this.#queue.entries;
  }

  /** @param {string} thread */
  of(thread) {
    return this.#queue.of(thread);
  }

  /** What the log has not acknowledged. */
  get unsent() {
    return this.entries.filter(({ sent }) => sent === null);
  }

  /**
   * @param {string} thread
   * @param {string} text
   * @param {number} [replyTo] the seq of the message that it answers
   * @param {File[]} [files] held by the uploads
   */
  async send(thread, text, replyTo, files = []) {
    const kept = this.#files.keep(files);
    const said = { text, ...(replyTo && { reply_to: replyTo }), ...(files.length && { files }) };
    const stored = this.#queue.add({ ...fresh(thread), ...said });
    this.#flush(thread);
    await Promise.all([kept, stored]);
  }

  /**
   * Changes a message. One that has no seq yet is named by its client_id, and cannot be reacted to. → the change's
   * client_id, or null when that message was taken out.
   * @param {string} thread
   * @param {Kind} kind
   * @param {Omit<Body, "target"> & { target: number | string }} body
   */
  change(thread, kind, { target, ...body }) {
    const own = fresh(thread);
    const entry = typeof target === "string" ? this.#queue.find(target) : undefined;
    if (entry && isMessage(entry) && entry.sent === null) {
      this.#queue.revise(entry, { next: { client_id: own.client_id, kind, ...body } });
    } else {
      const seq = typeof target === "string" ? this.#queue.seqOf(target) : target;
      if (!seq) return null;
      this.#queue.add({ ...own, kind, body: { target: seq, ...body } });
    }
    this.#flush(thread);
    return own.client_id;
  }

  /**
   * Sends what failed again, as the last in its thread.
   * @param {string} clientId
   */
  async retry(clientId) {
    const entry = this.#queue.find(clientId);
    if (!entry?.failed) return;
    this.#files.again(entry);
    await this.#queue.requeue(entry);
  }

  /**
   * The files of a message that waits.
   * @param {string} clientId
   */
  filesOf(clientId) {
    const entry = this.#queue.find(clientId);
    return entry ? filesOf(entry) : [];
  }

  /**
   * Takes out what a person wants to edit or to be rid of. → its text.
   * @param {string} clientId
   */
  remove(clientId) {
    const entry = this.#queue.find(clientId);
    if (!entry) return null;
    this.#outgoing.answered(clientId);
    this.#queue.drop(entry);
    this.#lead.unwatch();
    this.#flush(entry.thread);
    return textOf(entry);
  }

  /**
   * The log holds it at `seq`, and this page has come to there. False if it was not waiting here.
   * @param {string} clientId
   * @param {number} seq
   */
  arrived(clientId, seq) {
    return this.#settle(clientId, seq, true);
  }

  /**
   * The log holds it at `seq`, which this page has not reached yet.
   * @param {string} clientId
   * @param {number} seq
   */
  acknowledged(clientId, seq) {
    this.#settle(clientId, seq, false);
  }

  /**
   * A `rejected` frame says that it was not stored.
   * @param {string} clientId
   * @param {Wire.ProblemDocument} problem
   */
  rejected(clientId, problem) {
    if (problem.retry) {
      this.#outgoing.postponed(clientId);
      return;
    }
    this.#outgoing.answered(clientId);
    const entry = this.#queue.find(clientId);
    if (entry?.sent !== null || this.#files.isRenewed(entry, problem)) return;
    if (entry.kind === "delete" && problem.code === "gone") this.remove(clientId);
    else this.fail(clientId, sentence(problem.detail || problem.title));
  }

  /**
   * It stays, for a person to decide; but nobody misses a reaction.
   * @param {string} clientId
   * @param {string} why a sentence
   */
  fail(clientId, why) {
    const entry = this.#queue.find(clientId);
    if (!entry) return;
    this.#outgoing.answered(clientId);
    if (entry.kind === "reaction") this.remove(clientId);
    else this.#queue.revise(entry, { failed: why });
    this.#flush(entry.thread);
  }

  /**
   * Connected to the log `log`. adopt: it was restored in the place of the one known before, and goes on with the entries.
   * @param {string} log
   * @param {boolean} adopt
   */
  async connected(log, adopt) {
    const connection = ++this.#connection;
    await this.#queue.turnTo(log, adopt);
    if (connection !== this.#connection) return;
    this.#connected = true;
    this.#outgoing.begin();
    await this.#reload();
  }

  disconnected() {
    this.#connection += 1;
    this.#connected = false;
    this.#outgoing.end();
    this.#lead.unwatch();
  }

  /**
   * @param {string} clientId
   * @param {number} seq
   * @param {boolean} reached
   */
  #settle(clientId, seq, reached) {
    this.#outgoing.answered(clientId);
    const entry = this.#queue.settle(clientId, seq, reached);
    if (!entry) return false;
    this.#outgoing.advanced(entry.thread);
    this.#lead.unwatch();
    this.#flush(entry.thread);
    return true;
  }

  async #reload() {
    await this.#queue.reload();
    this.#files.load(this.entries);
    for (const thread of new Set(this.entries.map((entry) => entry.thread))) this.#flush(thread);
  }

  /**
   * Sends what waits in `thread`, if this tab is the one that sends.
   * @param {string} thread
   */
  #flush(thread) {
    if (this.#lead.held) this.#queue.coalesce(thread);
    if (!this.#connected) return;
    if (this.#lead.held)
      this.#outgoing.flush(thread, this.#files.ready(this.of(thread).filter(isWaiting)), this.#queue.unsaved);
    else this.#lead.watch(() => this.entries.some(isWaiting));
  }
}
