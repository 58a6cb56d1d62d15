import { enable, isEnabled } from "../../lib/buttons.js";
import { byId, one, setText } from "../../lib/dom.js";
import { isolated } from "../../lib/names.js";
import { uuid7 } from "../../lib/uuid.js";
import { inWords } from "../../net/api.js";
import { CLASSIC } from "../../tictactoe/models/variants.js";
import { Chooser } from "../../tictactoe/views/chooser.js";
import { AI_THREAD, specOf } from "../models/state.js";

/** @import { Rules } from "../../tictactoe/models/variants.js" */
/** @typedef {{ username: string, display_name: string }} Peer */

/**
 * Seconds: initial, increment.
 * @param {string} value
 */
function clockOf(value) {
  if (!value) return null;
  const [initial_s, increment_s] = value.split("+").map(Number);
  return { initial_s, increment_s };
}

/** The dialog that offers a game to the open thread's peer, or begins one with the AI. */
export class OfferDialog {
  /** @type {Peer | null} */
  #peer = null;
  #asked = { body: "", client_id: "" };
  /** @type {Rules} */
  #rules = CLASSIC;

  /**
   * @param {object} does
   * @param {(username: string, body: Wire.OfferGame) => Promise<unknown>} does.offer
   * @param {(username: string) => void} does.onOffered it is in the thread with them
   * @param {() => void} does.onPast the games that are over are wanted
   * @param {(words: string) => void} does.complain to who does not look at it any more
   */
  constructor({ offer, onOffered, onPast, complain }) {
    this.offer = offer;
    this.onOffered = onOffered;
    this.complain = complain;
    this.dialog = byId("offer", HTMLDialogElement);
    this.form = byId("offer-form", HTMLFormElement);
    this.problem = byId("offer-problem");
    this.submit = byId("offer-submit", HTMLButtonElement);
    byId("past-open").addEventListener("click", () => {
      this.dialog.close();
      onPast();
    });
    byId("offer-close").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.seats = { x: byId("offer-x", HTMLSelectElement), o: byId("offer-o", HTMLSelectElement) };
    const { x, o } = this.seats;
    x.addEventListener("change", () => this.#seated(x, o));
    o.addEventListener("change", () => this.#seated(o, x));
    new Chooser((rules) => {
      this.#rules = rules;
    });
  }

  /** @param {Peer | null} peer */
  open(peer) {
    if (peer === this.#peer) return;
    this.#peer = peer;
    // Choices made for one thread do not carry over to another.
    this.form.reset();
    byId("variant").dispatchEvent(new Event("change"));
  }

  show() {
    if (!this.#peer) return;
    const { username, display_name } = this.#peer;
    const alone = username === AI_THREAD;
    for (const select of Object.values(this.seats)) {
      const option = one(select, "[value=peer]", HTMLOptionElement);
      setText(option, display_name);
      option.hidden = option.disabled = alone;
    }
    if (alone && this.seats.x.value === "peer") this.seats.x.value = "perfect";
    if (alone && this.seats.o.value === "peer") this.seats.o.value = "perfect";
    setText(this.problem, "");
    this.#describe(this.#peer);
    this.dialog.showModal();
  }

  /**
   * Nobody plays both sides: a person chosen for one side leaves the other.
   * @param {HTMLSelectElement} chosen
   * @param {HTMLSelectElement} left
   */
  #seated(chosen, left) {
    if (!this.#peer) return;
    const person = chosen.value === "me" || chosen.value === "peer";
    const instead = this.#peer.username === AI_THREAD ? "perfect" : chosen.value === "me" ? "peer" : "me";
    if (person && left.value === chosen.value) left.value = instead;
    this.#describe(this.#peer);
  }

  /** @param {Peer} peer */
  #describe({ username, display_name }) {
    const offered = Object.values(this.seats).some(({ value }) => value === "peer");
    setText(this.submit, offered ? "Offer game" : "Start game");
    const name = isolated(display_name);
    const begins = username === AI_THREAD ? "It starts at once." : `It starts at once; ${name} can watch.`;
    setText(byId("offer-words"), offered ? `${name} has to accept it.` : begins);
  }

  #body() {
    const values = new FormData(this.form);
    const clock = clockOf(String(values.get("clock") ?? ""));
    return {
      x: /** @type {Wire.Seated} */ (this.seats.x.value),
      o: /** @type {Wire.Seated} */ (this.seats.o.value),
      toss: values.has("toss"),
      takebacks: values.has("takebacks"),
      spec: specOf(this.#rules),
      ...(clock && { clock }),
    };
  }

  async #send() {
    if (!isEnabled(this.submit) || !this.#peer) return;
    const { username, display_name } = this.#peer;
    const isOpen = () => this.dialog.open && this.#peer?.username === username;
    const body = this.#body();
    // Sending it once more after a failure repeats the same offer.
    const text = JSON.stringify([username, body]);
    if (text !== this.#asked.body) this.#asked = { body: text, client_id: uuid7() };
    setText(this.problem, "");
    enable(this.submit, false);
    try {
      await this.offer(username, { ...body, client_id: this.#asked.client_id });
      this.#asked = { body: "", client_id: "" };
      if (isOpen()) this.dialog.close();
      this.onOffered(username);
    } catch (error) {
      if (isOpen()) setText(this.problem, inWords(error));
      else this.complain(`The game with ${isolated(display_name)} could not begin. ${inWords(error)}`);
    } finally {
      enable(this.submit, true);
    }
  }
}
