import { gameName } from "../games/models/names.js";
import { byId, el, setText } from "../lib/dom.js";
import { coming } from "../lib/time.js";
import { Invitations } from "../models/invitations.js";
import { inWords, statusOf } from "../net/api.js";
import { Question } from "./question.js";

/** @import { Calls } from "../models/invitations.js" */

const NOT_FOUND = 404;

/** The dialog with a link to send, the same to point a camera at, and the invitations that are open. */
export class InviteDialog {
  /** @type {Wire.MadeInvite | null} the one shown */
  #made = null;
  #asked = 0;

  /** @param {Calls} calls */
  constructor(calls) {
    const invitations = new Invitations(calls);
    this.invitations = invitations;
    this.dialog = byId("invite", HTMLDialogElement);
    this.to = byId("invite-to", HTMLSelectElement);
    this.link = byId("invite-link", HTMLInputElement);
    this.qr = byId("invite-qr", HTMLImageElement);
    this.buttons = { share: byId("invite-share", HTMLButtonElement), copy: byId("invite-copy", HTMLButtonElement) };
    this.problem = byId("invite-problem");
    this.again = byId("invite-again", HTMLButtonElement);
    this.said = byId("invite-said");
    this.list = byId("invite-open");
    this.question = new Question("take-back", "take-back");
    byId("invite-close").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    this.to.addEventListener("change", () => this.#load());
    this.again.addEventListener("click", () => {
      this.#load();
      this.#focus(); // the button goes
    });
    this.link.addEventListener("focus", () => this.link.select());
    this.buttons.copy.addEventListener("click", () => this.#copy());
    this.buttons.share.addEventListener("click", () => this.#share());
    this.buttons.share.hidden = !("share" in navigator);
    this.buttons.copy.classList.toggle("primary", this.buttons.share.hidden);
    invitations.on("change", () => this.#draw());
  }

  show() {
    this.to.value = "";
    this.#load();
    this.dialog.showModal();
    this.#focus();
  }

  #focus() {
    (this.buttons.share.hidden ? this.buttons.copy : this.buttons.share).focus();
  }

  /**
   * Somebody has accepted one: its link is of no more use.
   * @param {string} id
   */
  accepted(id) {
    this.invitations.gone(id);
    if (this.dialog.open && this.#made?.id === id) this.#load();
  }

  async #load() {
    this.#asked += 1;
    const asked = this.#asked;
    this.#show(null);
    this.#say();
    try {
      const made = await this.invitations.link(this.to.value);
      if (asked === this.#asked) this.#show(made);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#say({ problem: inWords(error) });
      this.again.hidden = false;
    }
  }

  /** @param {Wire.MadeInvite | null} made */
  #show(made) {
    this.#made = made;
    this.link.value = made?.url ?? "";
    if (made) this.qr.src = made.qr;
    else this.qr.removeAttribute("src");
    this.again.hidden = true;
    for (const button of Object.values(this.buttons)) button.setAttribute("aria-disabled", String(!made));
    setText(byId("invite-about"), made ? `One person can use it, until ${coming(made.expires_at)}.` : "Making a link…");
    this.#draw();
  }

  async #copy() {
    if (!this.#made) return;
    try {
      await navigator.clipboard.writeText(this.#made.url);
      this.#say({ said: "Copied. Send it to one person." });
    } catch {
      this.link.select(); // no secure context, or not allowed
      this.#say({ said: "Copy the link that is selected." });
    }
  }

  async #share() {
    if (!this.#made) return;
    const { url } = this.#made;
    await navigator.share({ title: "Duet", text: "Talk to me on Duet:", url }).catch(() => {}); // they thought better of it
  }

  #draw() {
    const { open } = this.invitations;
    byId("invite-others").hidden = open.length === 0;
    this.list.replaceChildren(...open.map((one) => this.#row(one)));
  }

  /** @param {Wire.InviteItem} one */
  #row({ id, expires_at, game }) {
    const what = game ? gameName(game.spec) : "A chat";
    const words = `${what}, until ${coming(expires_at)}${id === this.#made?.id ? " (shown above)" : ""}`;
    const button = el(
      "button",
      { class: "button small", type: "button", "aria-label": `Take back: ${words}` },
      "Take back",
    );
    button.addEventListener("click", () => this.question.ask(() => this.#takeBack(id)));
    return el("li", {}, el("span", {}, words), button);
  }

  /** @param {string} id */
  async #takeBack(id) {
    try {
      await this.invitations.takeBack(id).catch((error) => {
        if (statusOf(error) !== NOT_FOUND) throw error;
        this.invitations.gone(id); // used or expired meanwhile
      });
      if (this.#made?.id === id) this.dialog.close();
      this.#say({ said: "Taken back. Its link no longer works." });
    } catch (error) {
      this.#say({ problem: inWords(error) });
    }
    this.link.focus();
  }

  /** @param {{ said?: string, problem?: string }} words */
  #say({ said = "", problem = "" } = {}) {
    setText(this.said, said);
    setText(this.problem, problem);
  }
}
