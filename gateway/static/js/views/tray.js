import { isCalledPhoto, isPicture, isTooLarge, MAX_FILE_MB, sizeOf } from "../lib/attached.js";
import { byId, el, icon, setText } from "../lib/dom.js";
import { isolated } from "../lib/names.js";
import { shrunk } from "../lib/shrink.js";
import { plural } from "../lib/text.js";
import { uuid7 } from "../lib/uuid.js";
import { reconcile } from "./reconcile.js";

/** @import { File as Sent } from "../models/entries.js" */
/** @import { Trays } from "../models/trays.js" */
/** @import { Uploads } from "../models/uploads.js" */

const MAX_ALT = 1000;
const AS_A_FILE = "Goes as a file, not as a photo: nothing is taken out of it, such as the place where it was taken.";

/** What is to be sent with the message that is being written: photos, which can be described, and files. */
export class Tray {
  /** @type {string | null} a username */
  #thread = null;
  /** @type {Set<string>} ids of those that are not ready yet */
  #preparing = new Set();
  #resting = false;
  /** @type {Promise<unknown>} one after the other: each takes some memory */
  #work = Promise.resolve();

  /**
   * @param {object} parts
   * @param {Uploads} parts.uploads
   * @param {Trays} parts.trays
   * @param {(words: string) => void} parts.complain
   */
  constructor({ uploads, trays, complain }) {
    this.uploads = uploads;
    this.trays = trays;
    this.complain = complain;
    /** Called when there is something else to send. */
    this.onChange = () => {};
    this.list = byId("tray");
    this.status = byId("tray-status");
    const changed = () => {
      this.#draw();
      this.onChange();
    };
    uploads.on("change", changed);
    trays.on("change", changed);
  }

  /** @param {string | null} thread */
  open(thread) {
    this.#thread = thread;
    this.#draw();
  }

  /**
   * It is out of the way while another message is edited.
   * @param {boolean} resting
   */
  rest(resting) {
    if (resting === this.#resting) return;
    this.#resting = resting;
    this.#draw();
  }

  /** Whether there is anything to send. */
  get any() {
    return this.#shown.length > 0;
  }

  /** Whether something of it cannot be sent yet, or at all. */
  get waits() {
    return this.#shown.some(({ id }) => this.#preparing.has(id) || this.uploads.of(id)?.why);
  }

  get #shown() {
    return this.#resting || this.#thread === null ? [] : this.trays.get(this.#thread);
  }

  /** @param {Iterable<File>} files */
  add(files) {
    const thread = this.#thread;
    if (thread === null || this.#resting) return;
    for (const file of files) {
      if (!file.size) this.complain(`${isolated(file.name)} is empty, or a folder.`);
      else this.#work = this.#prepare(thread, file, this.#work);
    }
  }

  /**
   * Takes back what was to be sent.
   * @param {Sent[]} files
   */
  put(files) {
    if (this.#thread === null) return;
    this.#set(this.#thread, [...files, ...this.trays.get(this.#thread)]);
    for (const file of files) if (!file.attachment) this.uploads.begin(this.#thread, file);
  }

  /** → what is to be sent now, with what the server made of it so far. */
  take() {
    if (this.#thread === null || this.waits) return [];
    const files = this.#shown.map((file) => {
      const attachment = this.uploads.of(file.id)?.attachment ?? file.attachment;
      return { ...file, ...(attachment && { attachment }) };
    });
    this.#set(this.#thread, []);
    return files;
  }

  /**
   * @param {string} thread
   * @param {File} file
   * @param {Promise<unknown>} before
   */
  async #prepare(thread, file, before) {
    const sent = { id: uuid7(), name: file.name || "Photo", type: file.type, size: file.size };
    this.#preparing.add(sent.id);
    this.#set(thread, [...this.trays.get(thread), sent]);
    await before;
    const photo = await shrunk(file);
    const { blob, ...measures } = photo ?? { blob: file };
    const ready = { ...sent, ...measures, size: blob.size };
    this.#preparing.delete(sent.id);
    const files = this.trays.get(thread);
    if (!files.some(({ id }) => id === sent.id)) return; // removed meanwhile
    if (isTooLarge(blob)) {
      this.#set(
        thread,
        files.filter(({ id }) => id !== sent.id),
      );
      this.complain(`${isolated(file.name)} is larger than ${MAX_FILE_MB} MB.`);
      return;
    }
    this.uploads.hold(sent.id, blob);
    this.uploads.begin(thread, ready);
    this.#set(
      thread,
      files.map((other) => (other.id === sent.id ? { ...other, ...ready, alt: other.alt } : other)),
    );
  }

  /**
   * @param {string} thread
   * @param {Sent[]} files
   */
  #set(thread, files) {
    this.trays.set(thread, files);
    this.#draw();
    this.onChange();
  }

  /** @param {Sent} file */
  #remove(file) {
    if (this.#thread === null) return;
    const place = this.#shown.indexOf(file);
    this.uploads.forget([file]);
    this.#set(
      this.#thread,
      this.#shown.filter((other) => other !== file),
    );
    const left = /** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll(".tray-remove"));
    (left[Math.min(place, left.length - 1)] ?? byId("message")).focus();
  }

  #draw() {
    const files = this.#shown;
    this.list.hidden = files.length === 0;
    reconcile(this.list, files, {
      key: ({ id }) => id,
      signature: (file) => this.#signature(file),
      node: (file) => this.#patch(this.#node(file), file),
      patch: (node, file) => Boolean(this.#patch(node, file)),
    });
    const preparing = files.filter(({ id }) => this.#preparing.has(id)).length;
    setText(this.status, preparing ? `Preparing ${plural(preparing, "file", "files")}…` : "");
  }

  /** @param {Sent} file */
  #signature(file) {
    const { id, size, alt, attachment } = file;
    const upload = this.uploads.of(id);
    const made = upload?.attachment ?? attachment;
    const here = [this.#preparing.has(id), this.uploads.blob(id) !== null];
    return JSON.stringify([size, alt, ...here, upload?.progress, upload?.why, made?.id]);
  }

  /** @param {Sent} file */
  #node({ id, name }) {
    const remove = { type: "button", class: "icon-button tray-remove", title: "Remove" };
    const node = el(
      "li",
      { class: "tray-file" },
      el("div", { class: "tray-look" }),
      el("button", { ...remove, "aria-label": `Remove ${name}` }, icon("close", "icon small")),
      el("div", { class: "tray-about" }),
    );
    const own = () => this.#shown.find((file) => file.id === id);
    node.querySelector(".tray-remove")?.addEventListener("click", () => {
      const file = own();
      if (file) this.#remove(file);
    });
    node.addEventListener("input", ({ target }) => {
      const file = own();
      if (!file || this.#thread === null) return;
      file.alt = /** @type {HTMLInputElement} */ (target).value;
      this.trays.set(this.#thread, this.#shown);
    });
    node.addEventListener("click", ({ target }) => {
      const file = own();
      if (file && this.#thread !== null && /** @type {Element} */ (target).closest(".tray-retry"))
        this.uploads.again(this.#thread, file);
      this.onChange();
    });
    return node;
  }

  /**
   * @param {HTMLElement} node
   * @param {Sent} file
   */
  #patch(node, file) {
    const [look, , about] = node.children;
    const preview = isPicture(file) ? this.uploads.preview(file.id) : null;
    if (preview && !look.querySelector("img")) look.replaceChildren(el("img", { src: preview, alt: "" }));
    else if (!preview && !look.firstChild) look.append(icon("file"));
    const field = { class: "input tray-alt", type: "text", maxlength: MAX_ALT, autocomplete: "off", dir: "auto" };
    const named = { placeholder: "Description", "aria-label": `Description of ${file.name}` };
    const described = about.querySelector("input");
    if (described && described.value !== (file.alt ?? "")) described.value = file.alt ?? ""; // in another tab
    if (isPicture(file) && !described)
      about.replaceChildren(el("input", { ...field, ...named, value: file.alt ?? "" }));
    else if (!isPicture(file) && !about.firstChild)
      about.append(el("span", { class: "tray-name", dir: "auto" }, file.name), el("span", {}, sizeOf(file.size)));
    this.#drawState(node, file);
    return node;
  }

  /**
   * @param {HTMLElement} node
   * @param {Sent} file
   */
  #drawState(node, { id, name, type, attachment }) {
    const upload = this.uploads.of(id);
    const made = upload?.attachment ?? attachment;
    node.querySelector(":scope > :is(progress, p)")?.remove();
    const retry = { type: "button", class: "link-button tray-retry" };
    if (upload?.why) {
      node.append(el("p", { class: "tray-refused", role: "alert" }, upload.why, " ", el("button", retry, "Retry")));
    } else if (!made) {
      const value = this.#preparing.has(id) ? null : (upload?.progress ?? 0);
      node.append(el("progress", { max: 1, value, "aria-label": `Uploading ${name}` }));
    } else if (isCalledPhoto({ type, name }) && !isPicture(made)) {
      node.append(el("p", { class: "tray-note" }, AS_A_FILE));
    }
  }
}
