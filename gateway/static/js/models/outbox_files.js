import { filesOf, missing } from "./entries.js";

/** @import { Entry, File } from "./entries.js" */
/** @import { Queue } from "./queue.js" */
/** @import { Uploads } from "./uploads.js" */

const LOST = /^\/attachments\/(\d+)\/id$/;

/** The files of what waits in the outbox: a message can go once the server has all of its own. */
export class OutboxFiles {
  #uploads;
  #queue;

  /**
   * @param {object} parts
   * @param {Uploads} parts.uploads
   * @param {Queue} parts.queue
   * @param {(clientId: string, why: string) => void} parts.onRefused the server does not want a file of that message
   * @param {(thread: string) => void} parts.onProgress
   */
  constructor({ uploads, queue, onRefused, onProgress }) {
    this.#uploads = uploads;
    this.#queue = queue;
    queue.on("gone", (entry) => uploads.forget(filesOf(entry)));
    uploads.on("change", (id) => {
      const entry = this.#withFile(id);
      if (entry) onProgress(entry.thread);
    });
    uploads.on("done", (id) => this.#uploaded(id));
    uploads.on("refused", (id) => {
      const [entry, why] = [this.#withFile(id), uploads.of(id)?.why];
      if (entry && why) onRefused(entry.client_id, why);
    });
  }

  /**
   * Keeps them for the next page.
   * @param {File[]} files
   */
  keep(files) {
    return this.#uploads.keep(files);
  }

  /**
   * Those that an earlier page kept can be seen from now on.
   * @param {Entry[]} entries
   */
  load(entries) {
    for (const entry of entries) for (const { id } of filesOf(entry)) this.#uploads.load(id);
  }

  /**
   * The entries that can go, up to the first one whose files are still on their way.
   * @param {Entry[]} waiting of a thread, in order
   */
  ready(waiting) {
    for (const entry of waiting) for (const file of missing(entry)) this.#uploads.begin(entry.thread, file);
    const first = waiting.findIndex((entry) => missing(entry).length > 0);
    return first < 0 ? waiting : waiting.slice(0, first);
  }

  /**
   * Uploads again what is missing.
   * @param {Entry} entry
   */
  again(entry) {
    for (const file of missing(entry)) this.#uploads.again(entry.thread, file);
  }

  /**
   * Uploads those files again, once, that the server has let go of: nobody had named them for a day.
   * @param {Entry} entry
   * @param {Wire.ProblemDocument} problem
   */
  isRenewed(entry, { errors = [] }) {
    const places = errors.map(({ pointer }) => LOST.exec(pointer)?.[1]);
    const lost = filesOf(entry).filter((file, place) => !file.again && places.includes(String(place)));
    if (!lost.length || lost.length < errors.length) return false;
    const files = filesOf(entry).map((file) =>
      lost.includes(file) ? { ...file, attachment: undefined, again: true } : file,
    );
    this.#queue.revise(entry, { files });
    for (const file of lost) this.#uploads.again(entry.thread, file);
    return true;
  }

  /** @param {string} id of a file that the server has now */
  #uploaded(id) {
    const entry = this.#withFile(id);
    const attachment = this.#uploads.of(id)?.attachment;
    if (!entry || !attachment) return;
    const files = filesOf(entry).map((file) => (file.id === id ? { ...file, attachment } : file));
    this.#queue.revise(entry, { files });
  }

  /** @param {string} id of a file */
  #withFile(id) {
    return this.#queue.entries.find((entry) => filesOf(entry).some((file) => file.id === id));
  }
}
