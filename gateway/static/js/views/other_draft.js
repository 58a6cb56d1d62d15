import { byId, setText } from "../lib/dom.js";
import { excerpt } from "./message_parts.js";

/** @import { Drafts } from "../models/drafts.js" */

const THEIRS = "Another draft from your other device";
const EARLIER = "The draft that was here before";

/** The bar that offers the other draft of the open thread, where two devices wrote different ones. */
export class OtherDraft {
  /** @type {string | null} a username */
  #thread = null;

  /**
   * @param {object} parts
   * @param {Drafts} parts.drafts
   * @param {() => void} parts.onDecided goes on with the draft in the composer
   */
  constructor({ drafts, onDecided }) {
    this.drafts = drafts;
    this.bar = byId("other-draft");
    this.title = byId("other-draft-title");
    this.text = byId("other-draft-text");
    drafts.on("other", (thread) => thread === this.#thread && this.#draw());
    const decide = (/** @type {"swap" | "decide"} */ how) => {
      if (this.#thread !== null) drafts[how](this.#thread);
      onDecided();
    };
    this.use = byId("other-draft-use");
    this.drop = byId("other-draft-drop");
    this.use.addEventListener("click", () => decide("swap"));
    this.drop.addEventListener("click", () => decide("decide"));
  }

  /** @param {string | null} username */
  open(username) {
    this.#thread = username;
    this.#draw();
  }

  #draw() {
    const other = this.#thread === null ? null : this.drafts.other(this.#thread);
    const words = !other ? "" : other.theirs ? THEIRS : EARLIER;
    // It is there all the time, for a screen reader to hear when words come.
    this.bar.classList.toggle("visually-hidden", !other);
    for (const button of [this.use, this.drop]) button.hidden = !other;
    setText(this.title, words);
    setText(this.text, excerpt(other?.text ?? ""));
  }
}
