import { enable, isEnabled } from "../lib/buttons.js";
import { byId, setText } from "../lib/dom.js";
import { inWords } from "../net/api.js";

/** @import { Push, State } from "../models/push.js" */

/** @type {Partial<Record<State, string>>} */
const WHY = {
  unsupported: "This browser cannot show notifications of Duet. Another one may.",
  install:
    "On an iPhone or iPad Duet must be on the Home Screen for this: open it in Safari, tap Share, then “Add to Home " +
    "Screen”. Open Duet from there and come back to this page.",
  denied:
    "This browser blocks notifications of Duet. To allow them, open the settings of this site with the icon beside the " +
    "address, allow notifications, and reload this page.",
};

/** The switches "Notifications in this browser" and "Hide message texts". */
export class PushSwitch {
  /** @param {Push} push */
  constructor(push) {
    this.push = push;
    this.on = byId("push-on", HTMLInputElement);
    this.hide = byId("push-hide", HTMLInputElement);
    this.problem = byId("push-problem");
    this.saved = byId("push-saved");
    this.again = byId("push-again");
    for (const each of [this.on, this.hide])
      each.addEventListener("click", (event) => isEnabled(each) || event.preventDefault());
    this.on.addEventListener("change", () => this.#change(this.on.checked ? push.turnOn() : push.turnOff()));
    this.hide.addEventListener("change", () => this.#change(push.hideText(this.hide.checked)));
    this.again.addEventListener("click", () => this.load());
    push.on("change", () => this.#draw());
    push.on("failed", (error) => {
      setText(this.problem, inWords(error));
      this.again.hidden = push.state !== "unknown";
    });
  }

  async load() {
    setText(this.problem, "");
    await this.push.load();
  }

  /** @param {Promise<unknown>} done */
  async #change(done) {
    setText(this.problem, "");
    setText(this.saved, "");
    for (const each of [this.on, this.hide]) enable(each, false);
    await done;
    for (const each of [this.on, this.hide]) enable(each, true);
    this.#draw();
    if (this.problem.textContent || !["on", "off"].includes(this.push.state)) return;
    const texts = this.push.hidesText ? "without the texts" : "with the texts";
    setText(
      this.saved,
      this.push.state === "on" ? `Saved. Notifications: on, ${texts}.` : "Saved. Notifications: off.",
    );
  }

  #draw() {
    const { state, hidesText } = this.push;
    this.on.checked = state === "on";
    this.hide.checked = hidesText;
    this.on.disabled = !["on", "off"].includes(state);
    this.hide.disabled = state !== "on";
    setText(byId("push-why"), WHY[state] ?? "");
    if (state === "unknown") return;
    if (document.activeElement === this.again) this.on.focus();
    this.again.hidden = true;
  }
}
