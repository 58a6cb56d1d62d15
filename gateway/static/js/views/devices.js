import { enable, onPress } from "../lib/buttons.js";
import { onCalendar } from "../lib/calendar.js";
import { deviceName } from "../lib/device.js";
import { byId, el, setText } from "../lib/dom.js";
import { full, lastSeen } from "../lib/time.js";
import * as api from "../net/api.js";

/** The list of sessions, with a button to end each of the others. */
export class DevicesView {
  /** How often the list was asked for: an answer that a later one has overtaken is not shown. */
  #asked = 0;

  constructor() {
    this.title = byId("devices-title");
    this.list = byId("devices");
    this.problem = byId("devices-problem");
    this.saved = byId("devices-saved");
    this.endOthers = byId("end-others");
    onPress(this.endOthers, () => this.#end(this.endOthers, api.endOtherSessions, "All other devices are logged out."));
    onCalendar(() => this.load());
  }

  async load() {
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const { sessions } = await api.sessions();
      if (asked === this.#asked) this.#draw(sessions);
    } catch (error) {
      if (asked === this.#asked) setText(this.problem, api.inWords(error));
    }
    this.list.removeAttribute("aria-busy");
  }

  /**
   * The focus stays in its place, or goes to the title where nothing is left to end.
   * @param {Wire.SessionItem[]} sessions
   */
  #draw(sessions) {
    const held = this.#buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    this.list.replaceChildren(...inOrder(sessions).map((session) => this.#row(session)));
    this.endOthers.hidden = sessions.length < 2;
    const buttons = this.#buttons.filter(({ hidden }) => !hidden);
    if (held >= 0) (buttons[Math.min(held, buttons.length - 1)] ?? this.title).focus();
  }

  /** @returns {HTMLElement[]} */
  get #buttons() {
    return [...this.list.querySelectorAll("button"), this.endOthers];
  }

  /** @param {Wire.SessionItem} session */
  #row({ id, current, created_at, last_used_at, user_agent }) {
    const name = deviceName(user_agent);
    const used = current ? "this device" : (lastSeen(last_used_at) ?? "").replace("last seen", "used");
    const about = el("p", { class: "hint", title: `Logged in ${full(created_at)}` }, used);
    const button = el("button", { class: "button", type: "button", "aria-label": `End ${name}` }, "End");
    onPress(button, () => this.#end(button, () => api.endSession(id), `${name} is logged out.`));
    return el("li", {}, el("div", {}, el("p", {}, name), about), current ? null : button);
  }

  /**
   * @param {HTMLElement} button that was pressed
   * @param {() => Promise<unknown>} call
   * @param {string} words for when it is done
   */
  async #end(button, call, words) {
    enable(button, false);
    setText(this.problem, "");
    try {
      await call();
      setText(this.saved, words);
    } catch (error) {
      setText(this.problem, api.inWords(error));
    }
    await this.load();
    enable(button, true);
  }
}

/**
 * This device first, then the most recently used.
 * @param {Wire.SessionItem[]} sessions
 */
function inOrder(sessions) {
  return [...sessions].sort(
    (one, other) => Number(other.current) - Number(one.current) || (one.last_used_at < other.last_used_at ? 1 : -1),
  );
}
