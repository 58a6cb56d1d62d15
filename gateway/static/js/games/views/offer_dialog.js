import { byId, setText } from "../../lib/dom.js";
import { uuid7 } from "../../lib/uuid.js";
import { inWords } from "../../net/api.js";
import { rulesOf } from "../../tictactoe/models/variants.js";
import { Chooser } from "../../tictactoe/views/chooser.js";
import { AI_THREAD, specOf } from "../models/state.js";

/** Seconds: initial, increment. */
const clockOf = (value) => {
  if (!value) return null;
  const [initial_s, increment_s] = value.split("+").map(Number);
  return { initial_s, increment_s };
};

/** The dialog that offers a game to the open thread's peer, or begins one with the AI. */
export class OfferDialog {
  #peer = null;
  #asked = { body: null, client_id: null };
  #rules = rulesOf("classic");

  /** offer(username, body) → a promise; onOffered(): it is in the thread; onPast(): the games that are over are wanted. */
  constructor({ offer, onOffered, onPast }) {
    Object.assign(this, { offer, onOffered });
    this.dialog = byId("offer");
    this.form = byId("offer-form");
    this.problem = byId("offer-problem");
    this.submit = byId("offer-submit");
    this.opener = byId("new-game");
    this.opener.addEventListener("click", () => this.show());
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
    this.seats = { x: byId("offer-x"), o: byId("offer-o") };
    for (const [side, select] of Object.entries(this.seats))
      select.addEventListener("change", () => this.#seated(side));
    new Chooser((rules) => (this.#rules = rules));
    this.opener.disabled = false;
  }

  /** peer: {username, display_name}, or null. */
  open(peer) {
    if (peer === this.#peer) return;
    this.#peer = peer;
    // What was chosen for one thread is no choice for another.
    this.form.reset();
    byId("variant").dispatchEvent(new Event("change"));
    if (this.dialog.open) this.dialog.close();
  }

  show() {
    const { username, display_name } = this.#peer;
    const alone = username === AI_THREAD;
    for (const select of Object.values(this.seats)) {
      const option = select.querySelector("[value=peer]");
      setText(option, display_name);
      option.hidden = option.disabled = alone;
    }
    if (alone && this.seats.x.value === "peer") this.seats.x.value = "perfect";
    if (alone && this.seats.o.value === "peer") this.seats.o.value = "perfect";
    setText(this.problem, "");
    this.#describe();
    this.dialog.showModal();
  }

  /** Nobody plays both sides: who was chosen for one leaves the other. */
  #seated(side) {
    const [chosen, left] = side === "x" ? [this.seats.x, this.seats.o] : [this.seats.o, this.seats.x];
    const person = chosen.value === "me" || chosen.value === "peer";
    const instead = this.#peer.username === AI_THREAD ? "perfect" : chosen.value === "me" ? "peer" : "me";
    if (person && left.value === chosen.value) left.value = instead;
    this.#describe();
  }

  #describe() {
    const offered = Object.values(this.seats).some(({ value }) => value === "peer");
    setText(this.submit, offered ? "Offer game" : "Start game");
    const { username, display_name } = this.#peer;
    const begins = username === AI_THREAD ? "It starts at once." : `It starts at once; ${display_name} can watch.`;
    setText(byId("offer-words"), offered ? `${display_name} has to accept it.` : begins);
  }

  #body() {
    const values = new FormData(this.form);
    const clock = clockOf(values.get("clock"));
    return {
      ...{ x: values.get("x"), o: values.get("o"), toss: values.has("toss"), takebacks: values.has("takebacks") },
      ...{ spec: specOf(this.#rules), ...(clock && { clock }) },
    };
  }

  async #send() {
    if (this.submit.disabled) return;
    const body = this.#body();
    // The same offer once more after a failure is the same offer.
    const text = JSON.stringify([this.#peer.username, body]);
    if (text !== this.#asked.body) this.#asked = { body: text, client_id: uuid7() };
    setText(this.problem, "");
    this.submit.disabled = true;
    try {
      await this.offer(this.#peer.username, { ...body, client_id: this.#asked.client_id });
      this.#asked = { body: null, client_id: null };
      this.dialog.close();
      this.onOffered();
    } catch (error) {
      setText(this.problem, inWords(error));
    } finally {
      this.submit.disabled = false;
    }
  }
}
