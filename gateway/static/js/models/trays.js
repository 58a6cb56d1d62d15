// The photos and files of messages that are being written, by thread, the same in every tab. They survive a reload: what
// they are stands beside the drafts; the files themselves lie with those of the outbox.

import { Emitter } from "../lib/emitter.js";
import { local } from "../lib/storage.js";

/** @import { File } from "./entries.js" */
/** @import { Tabs } from "./tabs.js" */
/** @import { Uploads } from "./uploads.js" */

/** Of all that is kept here: as much as a person may upload in a day. */
const MOST_BYTES = 200 * 1024 * 1024;

/**
 * Emits "change" with the thread in which another tab changed something.
 * @extends {Emitter<{ change: string }>}
 */
export class Trays extends Emitter {
  #uploads;
  #tabs;
  /** @type {Map<string, File[]>} by thread */
  #files = new Map();
  /** @type {Map<string, Set<string>>} by thread, the ids of those that every tab knows */
  #shared = new Map();
  #resting = false;

  /**
   * @param {object} parts
   * @param {string} parts.owner a username
   * @param {Uploads} parts.uploads
   * @param {Pick<Tabs, "on" | "tell">} parts.tabs
   */
  constructor({ owner, uploads, tabs }) {
    super();
    this.prefix = `duet:tray:${owner}:`;
    this.#uploads = uploads;
    this.#tabs = tabs;
    tabs.on("tray", (thread) => this.#told(thread));
    uploads.on("done", (id) => this.#uploaded(id));
  }

  /**
   * What is to be sent there. What an earlier page kept goes on to be uploaded.
   * @param {string} thread
   */
  get(thread) {
    const known = this.#files.get(thread);
    if (known) return known;
    const kept = this.#kept(thread);
    this.#files.set(thread, kept);
    this.#share(thread, kept);
    for (const file of kept) {
      this.#uploads.load(file.id);
      if (!file.attachment) this.#uploads.begin(thread, file);
    }
    return kept;
  }

  /**
   * Done when a page that ends now would not lose it.
   * @param {string} thread
   * @param {File[]} files held by the uploads, or about to be
   */
  async set(thread, files) {
    this.#files.set(thread, files);
    await this.#uploads.keep(this.#fitting(thread, files));
    if (this.#resting) return;
    const kept = this.get(thread).filter(({ id }) => this.#uploads.isKept(id));
    if (kept.length) local.remember(this.prefix + thread, kept);
    else local.remove(this.prefix + thread);
    this.#share(thread, kept);
    this.#tabs.tell("tray", thread);
  }

  /**
   * Whether nothing is kept any more: the person leaves.
   * @param {boolean} resting
   */
  rest(resting) {
    this.#resting = resting;
  }

  /**
   * Those for which there is room beside those of the other threads.
   * @param {string} thread
   * @param {File[]} files
   */
  #fitting(thread, files) {
    const keys = local.keys(this.prefix).map((key) => key.slice(this.prefix.length));
    const others = keys.filter((other) => other !== thread).flatMap((other) => this.#kept(other));
    let left = MOST_BYTES - others.reduce((sum, { size }) => sum + size, 0);
    return files.filter(({ size }) => {
      left -= size;
      return left >= 0;
    });
  }

  /**
   * @param {string} thread
   * @returns {File[]}
   */
  #kept(thread) {
    const kept = local.recall(this.prefix + thread, []);
    return Array.isArray(kept) ? kept : [];
  }

  /**
   * Another tab changed it. What this one has not kept, or not yet, is known here alone.
   * @param {string} thread
   */
  #told(thread) {
    const own = this.#files.get(thread)?.filter(({ id }) => !this.#shared.get(thread)?.has(id));
    if (!own) return;
    const kept = this.#kept(thread);
    this.#share(thread, kept);
    for (const { id } of kept) this.#uploads.load(id);
    this.#files.set(thread, [...kept, ...own]);
    this.emit("change", thread);
  }

  /**
   * @param {string} thread
   * @param {File[]} kept
   */
  #share(thread, kept) {
    this.#shared.set(thread, new Set(kept.map(({ id }) => id)));
  }

  /** @param {string} id of a file that the server has now */
  #uploaded(id) {
    const attachment = this.#uploads.of(id)?.attachment;
    for (const [thread, files] of this.#files)
      if (attachment && files.some((file) => file.id === id))
        this.set(
          thread,
          files.map((file) => (file.id === id ? { ...file, attachment } : file)),
        );
  }
}
