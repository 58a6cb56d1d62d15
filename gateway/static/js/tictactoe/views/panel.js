// Around the board: seats, score, status, buttons, the watch bar, trouble. Shows and reports, decides nothing.

import { enable, onPress } from "../../lib/buttons.js";
import { byId, hidden, one } from "../../lib/dom.js";

/** @import { Player } from "../models/game.js" */

/** @typedef {{ words: string, again: (() => void) | null }} Trouble again: null where trying again is of no use */

/**
 * @typedef {object} Actions
 * @property {() => void} newGame
 * @property {() => void} undo
 * @property {() => void} hint
 * @property {() => void} retry
 * @property {() => void} play
 * @property {() => void} step
 * @property {(on: boolean) => void} analysis
 * @property {(on: boolean) => void} sound
 * @property {(ms: number) => void} speed
 * @property {(side: Wire.Side, value: Player) => void} seat
 */

/**
 * @typedef {object} State
 * @property {Wire.Side} side
 * @property {boolean} playing
 * @property {Record<Wire.Outcome, number>} score
 * @property {Record<Wire.Side, Player>} seats
 * @property {boolean} canUndo
 * @property {boolean} canHint
 * @property {boolean} canGoOn
 * @property {boolean} hinted
 * @property {boolean} watched
 * @property {boolean} running
 * @property {Trouble | null} trouble
 */

/** @type {Wire.Side[]} */
const SIDES = ["X", "O"];

export class Panel {
  /** @param {Actions} actions */
  constructor(actions) {
    this.buttons = { undo: byId("undo"), hint: byId("hint"), step: byId("step"), play: byId("play") };
    onPress(byId("new-game"), actions.newGame);
    onPress(byId("retry"), actions.retry);
    onPress(this.buttons.undo, actions.undo);
    onPress(this.buttons.hint, actions.hint);
    onPress(this.buttons.step, actions.step);
    onPress(this.buttons.play, actions.play);
    const analysis = byId("analysis", HTMLInputElement);
    analysis.addEventListener("change", () => actions.analysis(analysis.checked));
    this.sound = byId("sound", HTMLInputElement);
    this.sound.addEventListener("change", () => actions.sound(this.sound.checked));
    const speed = byId("speed", HTMLSelectElement);
    speed.addEventListener("change", () => actions.speed(Number(speed.value)));
    this.seats = { X: byId("seat-X", HTMLSelectElement), O: byId("seat-O", HTMLSelectElement) };
    for (const side of SIDES) {
      const select = this.seats[side];
      select.addEventListener("change", () => actions.seat(side, /** @type {Player} */ (select.value)));
    }
  }

  /** @param {State} state */
  render({ side, playing, score, seats, canUndo, canHint, canGoOn, hinted, watched, running, trouble }) {
    for (const each of SIDES) {
      one(document, `[data-seat="${each}"]`).classList.toggle("on-turn", playing && each === side);
      this.seats[each].value = seats[each];
    }
    for (const [result, count] of Object.entries(score)) {
      one(document, `[data-score="${result}"]`).textContent = String(count);
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

  /** @param {boolean} on */
  switchSound(on) {
    this.sound.checked = on;
  }

  /**
   * @param {string} shown for everyone
   * @param {string} spoken for those who cannot see the board
   * @param {{ busy?: boolean }} how busy: shown with moving dots
   */
  say(shown, spoken = "", { busy = false } = {}) {
    const status = byId("status");
    status.classList.toggle("busy", busy);
    if (status.dataset.said === spoken + shown) return;
    status.dataset.said = spoken + shown;
    status.replaceChildren(hidden(spoken && `${spoken} `), shown);
  }

  /** @param {Trouble | null} trouble */
  #trouble(trouble) {
    const box = byId("trouble");
    const hadFocus = box.contains(document.activeElement);
    if (trouble) byId("trouble-words").textContent = trouble.words;
    byId("retry").hidden = !trouble?.again;
    box.hidden = !trouble;
    if (hadFocus && box.hidden) byId("new-game").focus();
  }
}
