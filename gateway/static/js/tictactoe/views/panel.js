// Around the board: seats, score, status, buttons, the watch bar, trouble. Shows and reports, decides nothing.

import { byId, hidden } from "../../lib/dom.js";
import { enable, onPress } from "./buttons.js";

export class Panel {
  /** actions: newGame, undo, hint, retry, play, step, analysis(on), sound(on), speed(ms), seat(side, value). */
  constructor(actions) {
    this.buttons = { undo: byId("undo"), hint: byId("hint"), step: byId("step"), play: byId("play") };
    onPress(byId("new-game"), actions.newGame);
    onPress(byId("retry"), actions.retry);
    for (const [name, button] of Object.entries(this.buttons)) onPress(button, actions[name]);
    for (const name of ["analysis", "sound"]) {
      byId(name).addEventListener("change", (event) => actions[name](event.target.checked));
    }
    byId("speed").addEventListener("change", (event) => actions.speed(Number(event.target.value)));
    for (const side of ["X", "O"]) {
      byId(`seat-${side}`).addEventListener("change", (event) => actions.seat(side, event.target.value));
    }
  }

  render({ side, playing, score, seats, canUndo, canHint, canGoOn, hinted, watched, running, trouble }) {
    for (const seat of document.querySelectorAll("[data-seat]")) {
      seat.classList.toggle("on-turn", playing && seat.dataset.seat === side);
      byId(`seat-${seat.dataset.seat}`).value = seats[seat.dataset.seat];
    }
    for (const [result, count] of Object.entries(score)) {
      document.querySelector(`[data-score="${result}"]`).textContent = String(count);
    }
    enable(this.buttons.undo, canUndo);
    enable(this.buttons.hint, canHint);
    this.buttons.hint.setAttribute("aria-pressed", String(hinted));
    enable(this.buttons.play, canGoOn);
    enable(this.buttons.step, canGoOn && !running);
    this.buttons.play.textContent = running ? "Pause" : "Play";
    byId("watch").hidden = !watched;
    this.#trouble(trouble);
  }

  switchSound(on) {
    byId("sound").checked = on;
  }

  /** `spoken` is for those who cannot see the board; `shown` for everyone. busy: shown with moving dots. */
  say(shown, spoken = "", { busy = false } = {}) {
    const status = byId("status");
    status.classList.toggle("busy", busy);
    if (status.dataset.said === spoken + shown) return;
    status.dataset.said = spoken + shown;
    status.replaceChildren(hidden(spoken && `${spoken} `), shown);
  }

  /** trouble: null, or {words, again}; again: null where trying again is of no use. */
  #trouble(trouble) {
    const box = byId("trouble");
    const hadFocus = box.contains(document.activeElement);
    if (trouble) byId("trouble-words").textContent = trouble.words;
    byId("retry").hidden = !trouble?.again;
    box.hidden = !trouble;
    if (hadFocus && box.hidden) byId("new-game").focus();
  }
}
