import { el, setText } from "../../lib/dom.js";
import { stone } from "../../tictactoe/views/stones.js";
import { format, left } from "../models/clock.js";
import { seatName } from "../models/names.js";

/** @import { About } from "../models/names.js" */

const TICK_MS = 100;
const LOW_MS = 10_000;
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Who plays which side, whose turn it is, and what the clocks show: they run down by themselves. */
export class Seats {
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {Wire.Game} game
   * @param {About} about
   */
  constructor(game, about) {
    this.game = game;
    this.sides = { X: seat("X"), O: seat("O") };
    this.node = el("div", { class: "game-seats" }, this.sides.X.node, this.sides.O.node);
    this.update(game, about);
  }

  /**
   * @param {Wire.Game} game
   * @param {About} about
   */
  update(game, about) {
    this.game = game;
    for (const { side, node, name, turn } of [this.sides.X, this.sides.O]) {
      const onTurn = game.turn === side;
      setText(name, seatName(game.seats[side], about));
      name.title = name.textContent ?? "";
      node.classList.toggle("on-turn", onTurn);
      node.classList.toggle("winner", game.phase === "finished" && game.status === side);
      setText(turn, onTurn ? ", on turn" : "");
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#tick();
    if (game.clock?.running) this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  #tick() {
    const { clock } = this.game;
    // The card has been replaced by a new one; its clock stops with it.
    if (!this.node.isConnected) clearInterval(this.#timer);
    for (const { side, time } of [this.sides.X, this.sides.O]) {
      time.hidden = !clock;
      if (!clock) continue;
      const ms = left(clock, side);
      setText(time, format(ms, { tenths: !still.matches }));
      time.classList.toggle("low", ms < LOW_MS && this.game.phase === "playing");
    }
  }
}

/** @param {Wire.Side} side */
function seat(side) {
  const name = el("span", { class: "game-seat-name", dir: "auto" });
  const turn = el("span", { class: "visually-hidden" });
  const time = el("span", { class: "game-time", role: "timer" });
  const mark = el(
    "span",
    { class: "game-seat-mark" },
    stone(side),
    el("span", { class: "visually-hidden" }, `${side}: `),
  );
  return { side, node: el("div", { class: "game-seat" }, mark, name, turn, time), name, turn, time };
}
