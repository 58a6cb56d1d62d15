// What can be done now, under (or beside) the board. Each kind of button has a place of its own.

import { enable } from "../../lib/buttons.js";
import { el } from "../../lib/dom.js";
import { replayAddress } from "../models/replay.js";
import { isBetweenPeople, isWatched, mayTakeBack, sideOf, waitsFor } from "../models/state.js";
import { DRAW, movesMade, TAKEBACK, terms } from "../models/words.js";
import { button, Row } from "./row.js";

/** @import { Command } from "../../models/game_calls.js" */
/** @import { Words } from "../models/words.js" */
/** @import { Mode } from "./row.js" */

/**
 * Whose offer stands, to the one who plays `mine`.
 * @param {Wire.Side | null} offering
 * @param {Wire.Side | null} mine
 * @returns {Mode}
 */
const modeOf = (offering, mine) => (offering === null ? "idle" : offering === mine ? "mine" : "theirs");

export class Panel {
  /** @type {Wire.Phase | null} */
  #phase = null;

  /**
   * @param {Wire.Game} game for what never changes in it
   * @param {object} does
   * @param {string} does.me
   * @param {(command: Command) => void} does.act
   * @param {() => void} does.resign asks first
   */
  constructor(game, { me, act, resign }) {
    this.me = me;
    const row = (/** @type {"draw" | "takeback"} */ thing, /** @type {Words} */ words) =>
      new Row({ thing, words, onAnswer: (answer) => act({ do: thing, answer }) });
    this.draw = isBetweenPeople(game) ? row("draw", DRAW) : null;
    const plays = sideOf(game, me) !== null;
    this.takeback = plays && game.takebacks ? row("takeback", TAKEBACK) : null;
    this.terms = el("div", { class: "game-terms" });
    this.resign = button("Resign", resign, { kind: "danger" });
    this.stop = button("End the game", () => act({ do: "withdraw" }));
    this.withdraw = button("Withdraw", () => act({ do: "withdraw" }), { name: "Withdraw offer" });
    this.decline = button("Decline", () => act({ do: "decline" }), { name: "Decline game" });
    this.accept = button("Accept", () => act({ do: "accept" }), { kind: "primary", name: "Accept game" });
    this.rematch = button("Rematch", () => act({ do: "rematch" }), { kind: "primary" });
    this.replay = el("a", { class: "button small", target: "_blank", rel: "noopener" }, "Replay");
    this.buttons = [this.resign, this.stop, this.withdraw, this.decline, this.accept, this.rematch];
    this.answers = el(
      "div",
      { class: "game-row answers" },
      this.resign,
      this.stop,
      el("span", { class: "game-row-says" }),
      this.replay,
      this.withdraw,
      this.decline,
      this.accept,
      this.rematch,
    );
    this.rows = [this.draw, this.takeback].filter((each) => each !== null);
    const nodes = this.rows.map(({ node }) => node);
    this.node = el(
      "div",
      { class: "game-panel" },
      el("div", { class: "game-rows" }, this.terms, ...nodes),
      this.answers,
    );
  }

  /**
   * → the nodes whose buttons came or went. free: whether nothing is under way.
   * @param {Wire.Game} game
   * @param {{ free: boolean, names: Record<string, string> }} state
   */
  update(game, { free, names }) {
    const { me } = this;
    const mine = sideOf(game, me);
    const playing = game.phase === "playing";
    const asked = game.phase === "offered" && waitsFor(game, me);
    const finished = game.phase === "finished";
    this.resign.hidden = !playing || mine === null;
    this.stop.hidden = !playing || !isWatched(game);
    this.withdraw.hidden = game.phase !== "offered" || asked;
    this.accept.hidden = this.decline.hidden = !asked;
    this.rematch.hidden = !finished || (mine === null && !isWatched(game));
    const replay = finished ? replayAddress(game) : null;
    this.replay.hidden = replay === null;
    if (replay) this.replay.href = replay;
    for (const each of this.buttons) enable(each, free);
    this.#terms(game, names);
    const changed = this.#phase !== null && this.#phase !== game.phase ? [this.node] : [];
    this.#phase = game.phase;
    for (const { row, offering, may } of [
      { row: this.draw, offering: game.draw, may: true },
      { row: this.takeback, offering: game.takeback, may: mayTakeBack(game, me) },
    ]) {
      if (!row) continue;
      row.node.hidden = !playing || mine === null;
      if (row.update({ mode: modeOf(offering, mine), may, free })) changed.push(row.node);
    }
    return changed;
  }

  /**
   * @param {Wire.Game} game
   * @param {Record<string, string>} names
   */
  #terms(game, names) {
    this.terms.hidden = game.phase === "playing" && this.rows.length > 0;
    const lines = game.phase !== "finished" ? terms(game, { me: this.me, names }) : [movesMade(game)];
    this.terms.replaceChildren(...lines.map((line) => el("p", {}, line)));
  }
}
