// Under (or beside) the board: what may be done now. Each kind of button has a place of its own.

import { el } from "../../lib/dom.js";
import { isBetweenPeople, isWatched, mayTakeBack, sideOf, waitsFor } from "../models/state.js";
import { DRAW, movesMade, TAKEBACK, terms } from "../models/words.js";
import { button, enable, Row } from "./row.js";

/** Whose offer stands, to the one who plays `mine`. */
const modeOf = (offering, mine) => (offering === null ? "idle" : offering === mine ? "mine" : "theirs");

export class Panel {
  #phase = null;

  /** game: for what never changes in it. act(command); resign(): asks first. replay: the address, or null. */
  constructor(game, { me, act, resign, replay }) {
    this.me = me;
    const answer = (thing) => (given) => act({ do: thing, answer: given });
    this.draw = isBetweenPeople(game) ? new Row({ thing: "draw", words: DRAW, onAnswer: answer("draw") }) : null;
    const plays = sideOf(game, me) !== null;
    this.takeback =
      plays && game.takebacks ? new Row({ thing: "takeback", words: TAKEBACK, onAnswer: answer("takeback") }) : null;
    this.terms = el("div", { class: "game-terms" });
    this.resign = button("Resign", resign, { kind: "danger" });
    this.stop = button("End the game", () => act({ do: "withdraw" }));
    this.withdraw = button("Withdraw", () => act({ do: "withdraw" }), { name: "Withdraw offer" });
    this.decline = button("Decline", () => act({ do: "decline" }), { name: "Decline game" });
    this.accept = button("Accept", () => act({ do: "accept" }), { kind: "primary", name: "Accept game" });
    this.rematch = button("Rematch", () => act({ do: "rematch" }), { kind: "primary" });
    this.replay = el("a", { class: "button small", target: "_blank", rel: "noopener" }, "Replay");
    this.replayAt = replay;
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
    this.rows = [this.draw, this.takeback].filter(Boolean);
    const nodes = this.rows.map(({ node }) => node);
    this.node = el(
      "div",
      { class: "game-panel" },
      el("div", { class: "game-rows" }, this.terms, ...nodes),
      this.answers,
    );
  }

  /** free: whether nothing is under way. → the nodes whose buttons came or went. */
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
    this.replay.hidden = !finished || this.replayAt === null || game.moves.length === 0;
    if (!this.replay.hidden) this.replay.href = this.replayAt(game);
    for (const one of this.buttons) enable(one, free);
    this.#terms(game, names);
    const changed = this.#phase !== null && this.#phase !== game.phase ? [this.node] : [];
    this.#phase = game.phase;
    for (const [row, offering, may] of [
      [this.draw, game.draw, true],
      [this.takeback, game.takeback, mayTakeBack(game, me)],
    ]) {
      if (!row) continue;
      row.node.hidden = !playing || mine === null;
      if (row.update({ mode: modeOf(offering, mine), may, free })) changed.push(row.node);
    }
    return changed;
  }

  #terms(game, names) {
    this.terms.hidden = game.phase === "playing" && this.rows.length > 0;
    const lines = game.phase !== "finished" ? terms(game, { me: this.me, names }) : [movesMade(game)];
    this.terms.replaceChildren(...lines.map((line) => el("p", {}, line)));
  }
}
