import { onCalendar } from "../lib/calendar.js";
import { deviceName } from "../lib/device.js";
import { byId, el, setText } from "../lib/dom.js";
import { full, lastSeen } from "../lib/time.js";
import * as api from "../net/api.js";

/** The list of sessions, with a button to end each of the others. */
export class DevicesView {
  constructor() {
    this.list = byId("devices");
    this.problem = byId("devices-problem");
    this.saved = byId("devices-saved");
    this.endOthers = byId("end-others");
    this.endOthers.addEventListener("click", () =>
      this.#end(api.endOtherSessions, "All other devices are logged out."),
    );
    onCalendar(() => this.load());
  }

  async load() {
    try {
      const { sessions } = await api.sessions();
      this.list.replaceChildren(...inOrder(sessions).map((session) => this.#row(session)));
      this.endOthers.hidden = sessions.length < 2;
    } catch (error) {
      setText(this.problem, api.inWords(error));
    }
    this.list.removeAttribute("aria-busy");
  }

  /** @param {Wire.SessionItem} session */
  #row({ id, current, created_at, last_used_at, user_agent }) {
    const name = deviceName(user_agent);
    const used = current ? "this device" : (lastSeen(last_used_at) ?? "").replace("last seen", "used");
    const about = el("p", { class: "hint", title: `Logged in ${full(created_at)}` }, used);
    const button = el("button", { class: "button", type: "button", "aria-label": `End ${name}` }, "End");
    button.addEventListener("click", async () => {
      button.disabled = true;
      await this.#end(() => api.endSession(id), `${name} is logged out.`);
      button.disabled = false;
    });
    return el("li", {}, el("div", {}, el("p", {}, name), about), current ? null : button);
  }

  /**
   * @param {() => Promise<unknown>} call
   * @param {string} words for when it is done
   */
  async #end(call, words) {
    setText(this.problem, "");
    try {
      await call();
      setText(this.saved, words);
    } catch (error) {
      setText(this.problem, api.inWords(error));
    }
    await this.load();
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
