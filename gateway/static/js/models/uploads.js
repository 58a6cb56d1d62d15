import { Emitter } from "../lib/emitter.js";
import { sentence } from "../lib/text.js";
import * as api from "../net/api.js";
import { Backoff } from "../net/backoff.js";
import { upload as uploadNow } from "../net/upload.js";
import * as browserDb from "./file_db.js";

/** @typedef {{ id: string, name: string, duration?: number, peaks?: string }} Named and what is known of a sound */
/**
 * progress: from 0 to 1. why: it was refused, a sentence.
 * @typedef {object} Upload
 * @property {string} thread
 * @property {Omit<Named, "id">} told
 * @property {number} progress
 * @property {Wire.Attachment | null} attachment
 * @property {string | null} why
 * @property {AbortController | null} under its way
 * @property {number | null} timer of the next try
 * @property {Backoff} backoff
 */
/** @typedef {Pick<typeof browserDb, "put" | "get" | "remove">} FileDb */

const AT_ONCE = 2;
const STEP = 0.02;
/** Who is told to come back later than that is told so. */
const PATIENCE_S = 60;
const LOST = "The file is no longer in this browser.";

/**
 * Files on their way to the server, and the files themselves, by ids of this page's making. What fails for want of a
 * connection goes again until it is there. Emits "change" with an id when there is something new to see of a file,
 * "done" when the server has it, "refused" when it does not want it.
 * @extends {Emitter<{ change: string, done: string, refused: string }>}
 */
export class Uploads extends Emitter {
  #owner;
  #upload;
  #db;
  /** @type {Map<string, Blob | null>} null: this browser does not have it */
  #blobs = new Map();
  /** @type {Map<string, Promise<Blob | null>>} */
  #loading = new Map();
  /** @type {Set<string>} those that the next page will find */
  #kept = new Set();
  /** @type {Map<string, Promise<unknown>>} those that are being put away for it */
  #keeping = new Map();
  /** @type {Map<string, Upload>} in the order in which they were wanted */
  #uploads = new Map();
  /** @type {Map<string, string>} addresses to show files by, by id, and by the attachment's id */
  #previews = new Map();

  /**
   * @param {object} parts
   * @param {string} parts.owner a username
   * @param {typeof uploadNow} [parts.upload]
   * @param {FileDb} [parts.db]
   */
  constructor({ owner, upload = uploadNow, db = browserDb }) {
    super();
    this.#owner = owner;
    this.#upload = upload;
    this.#db = db;
  }

  /**
   * @param {string} id
   * @param {Blob} blob
   */
  hold(id, blob) {
    this.#blobs.set(id, blob);
  }

  /**
   * Keeps files for the next page, as far as the browser does.
   * @param {Named[]} files
   */
  async keep(files) {
    const held = files.map(({ id }) => ({ id, blob: this.#blobs.get(id) }));
    for (const { id, blob } of held)
      if (blob && !this.#kept.has(id)) await (this.#keeping.get(id) ?? this.#keep(id, blob));
  }

  /** @param {string} id */
  isKept(id) {
    return this.#kept.has(id);
  }

  /**
   * The file, as far as it is at hand.
   * @param {string} id
   */
  blob(id) {
    return this.#blobs.get(id) ?? null;
  }

  /** @param {string} id */
  of(id) {
    return this.#uploads.get(id) ?? null;
  }

  /**
   * Where a file of this browser can be seen: by its own id, or that of the attachment that it has become.
   * @param {string} id
   */
  preview(id) {
    const known = this.#previews.get(id);
    if (known) return known;
    const blob = this.#blobs.get(id);
    if (!blob) return null;
    const address = URL.createObjectURL(blob);
    this.#previews.set(id, address);
    return address;
  }

  /**
   * Reads a file that an earlier page kept.
   * @param {string} id
   */
  load(id) {
    const held = this.#blobs.get(id);
    if (held !== undefined) return Promise.resolve(held);
    const loading = this.#loading.get(id) ?? this.#read(id);
    this.#loading.set(id, loading);
    return loading;
  }

  /**
   * Uploads it, unless that is done or under way.
   * @param {string} thread
   * @param {Named} file
   */
  begin(thread, { id, name, duration, peaks }) {
    if (this.#uploads.has(id)) return;
    const fresh = { progress: 0, attachment: null, why: null, under: null, timer: null, backoff: new Backoff() };
    this.#uploads.set(id, { thread, told: { name, duration, peaks }, ...fresh });
    this.#next();
  }

  /**
   * Uploads it again from the beginning.
   * @param {string} thread
   * @param {Named} file
   */
  again(thread, file) {
    this.#stop(file.id);
    this.begin(thread, file);
    this.emit("change", file.id);
  }

  /** There is a connection again: nothing waits any longer. */
  online() {
    for (const one of this.#uploads.values()) {
      clearTimeout(one.timer ?? undefined);
      one.timer = null;
      one.backoff.reset();
    }
    this.#next();
  }

  /**
   * Nobody wants it any more; what is done stays to be seen.
   * @param {Named[]} files
   */
  forget(files) {
    for (const { id } of files) {
      if (!this.#uploads.get(id)?.attachment) this.#stop(id);
      this.#kept.delete(id);
      this.#db.remove(id).catch(console.warn);
    }
    this.#next();
  }

  /** @param {string} id */
  #stop(id) {
    const one = this.#uploads.get(id);
    this.#uploads.delete(id);
    clearTimeout(one?.timer ?? undefined);
    one?.under?.abort();
  }

  /**
   * @param {string} id
   * @param {Blob} blob
   */
  async #keep(id, blob) {
    const put = this.#db.put({ id, owner: this.#owner, at: Date.now(), blob });
    const kept = put.then(() => this.#kept.add(id)).catch(console.warn);
    this.#keeping.set(id, kept);
    await kept;
    this.#keeping.delete(id);
  }

  /** @param {string} id */
  async #read(id) {
    const kept = await this.#db.get(id).catch(() => undefined);
    const blob = this.#blobs.get(id) ?? kept?.blob ?? null;
    if (kept) this.#kept.add(id);
    this.#blobs.set(id, blob);
    this.emit("change", id);
    return blob;
  }

  #next() {
    const all = [...this.#uploads];
    const free = AT_ONCE - all.filter(([, { under }]) => under).length;
    const waiting = all.filter(([, one]) => !(one.under || one.timer || one.attachment || one.why));
    for (const [id, one] of waiting.slice(0, free)) this.#go(id, one);
  }

  /**
   * @param {string} id
   * @param {Upload} one
   */
  async #go(id, one) {
    const under = new AbortController();
    one.under = under;
    one.progress = 0;
    try {
      const blob = await this.load(id);
      if (under.signal.aborted) return;
      if (!blob) throw new Error(LOST);
      const { thread, told } = one;
      const onProgress = (/** @type {number} */ part) => this.#moved(id, one, part);
      one.attachment = await this.#upload({ thread, id, ...told, blob, onProgress, signal: under.signal });
      one.progress = 1;
      const preview = this.preview(id);
      if (preview) this.#previews.set(one.attachment.id, preview);
    } catch (error) {
      if (under.signal.aborted) return;
      this.#failed(one, error);
    } finally {
      one.under = null;
    }
    this.emit("change", id);
    if (one.attachment) this.emit("done", id);
    if (one.why) this.emit("refused", id);
    this.#next();
  }

  /**
   * @param {string} id
   * @param {Upload} one
   * @param {number} part
   */
  #moved(id, one, part) {
    if (part < one.progress + STEP && part < 1) return;
    one.progress = part;
    this.emit("change", id);
  }

  /**
   * @param {Upload} one
   * @param {unknown} error
   */
  #failed(one, error) {
    if (!mayGoAgain(error)) {
      one.why = error instanceof api.ProblemError ? sentence(error.message) : api.inWords(error);
      return;
    }
    const after = error instanceof api.ProblemError ? (error.retryAfterS ?? 0) * 1000 : 0;
    one.timer = setTimeout(
      () => {
        one.timer = null;
        this.#next();
      },
      Math.max(after, 500 + one.backoff.next()),
    );
  }
}

/** @param {unknown} error */
function mayGoAgain(error) {
  if (error instanceof api.Unreachable) return true;
  if (!(error instanceof api.ProblemError)) return false;
  if (error.status === 429) return (error.retryAfterS ?? 0) <= PATIENCE_S;
  return error.status >= 500 || error.status === 408 || error.status === 401;
}
