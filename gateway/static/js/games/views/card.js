import { el, setText } from "../../lib/dom.js";
import { coordinates } from "../../tictactoe/models/places.js";
import { BoardView } from "../../tictactoe/views/board.js";
import { gameName } from "../models/names.js";
import { score } from "../models/scores.js";
import { positionAfter, rulesFor, sideOf } from "../models/state.js";
import { status } from "../models/words.js";
import { Panel } from "./panel.js";
import { button } from "./row.js";
import { Seats } from "./seats.js";

/** @import { Call } from "../../models/game_calls.js" */
/** @import { Command } from "../../models/game_calls.js" */
/** @import { GameItem } from "../models/items.js" */
/** @import { About } from "../models/names.js" */

/**
 * What a card needs beside its game.
 * @typedef {About & { offline: boolean, games: Actions }} Context
 *
 * @typedef {object} Actions
 * @property {(id: string, command: Command) => void} act
 * @property {(id: string) => void} retry
 * @property {(id: string) => void} resign asks first
 */

const SENDING = "Sending your move…";
const OFFLINE = "You are offline. The board may have changed.";
const UNKNOWN = "This page is too old to show this game. Reload it.";

/**
 * A game that is offered, played, or was finished last: board, seats, clocks and what may be done. Its height stays the
 * same from the offer to the end, so that nothing moves under a finger.
 */
export class GameCard {
  /**
   * @param {GameItem} item
   * @param {Context} context
   */
  constructor(item, context) {
    const { game } = item;
    this.game = game;
    this.id = game.id;
    this.rules = rulesFor(game.spec);
    this.me = context.me;
    this.actions = context.games;
    this.name = el("h2", { class: "game-name" });
    this.score = el("p", { class: "game-score" });
    this.seats = new Seats(game, context);
    this.board = el("div", { class: "board", role: "group", "aria-label": "Board", "aria-describedby": "game-keys" });
    this.says = el("p", { class: "game-status", tabindex: -1 });
    this.troubleWords = el("span", {});
    this.retry = button("Retry", () => this.actions.retry(this.id));
    this.trouble = el("div", { class: "game-trouble", role: "alert" }, this.troubleWords, this.retry);
    this.panel = new Panel(game, {
      me: context.me,
      act: (command) => this.actions.act(this.id, command),
      resign: () => this.actions.resign(this.id),
    });
    this.view = new BoardView(this.board, {
      onTake: (cell) => this.#take(cell),
      onAim: (cell) => this.#aim(cell),
      onPage: () => {},
    });
    const status = el("div", { class: "game-says" }, this.says, this.trouble);
    const side = el(
      "div",
      { class: "game-side" },
      el("header", { class: "game-top" }, this.name, this.score),
      this.seats.node,
      status,
      this.panel.node,
    );
    const area = el("div", { class: "game-board" }, this.board);
    this.node = el("article", { class: "game-card", id: `game-${game.id}` }, side, area);
    this.update(item, context);
  }

  /**
   * → the nodes whose buttons came or went: a tap already under way may have been meant for another one.
   * @param {GameItem} item
   * @param {Context} context
   */
  update({ game, call }, context) {
    this.game = game;
    const sending = call?.state === "sending";
    const about = { me: context.me, names: context.names };
    const held = this.node.contains(document.activeElement) ? document.activeElement : null;
    setText(this.name, gameName(game.spec));
    setText(this.score, score(game, about) ?? "");
    this.node.setAttribute("aria-label", `Game of ${gameName(game.spec)}`);
    this.node.dataset.phase = game.phase;
    this.seats.update(game, about);
    this.#drawBoard(call);
    const waiting = sending && call?.slow ? SENDING : status(game, about);
    setText(this.says, this.rules ? waiting : UNKNOWN);
    this.says.classList.toggle("yours", waiting === "Your move.");
    this.#drawTrouble(call, context.offline && game.phase !== "finished");
    const changed = this.panel.update(game, { free: !sending, names: context.names });
    // What had the focus is gone: move the focus to a place where Enter does nothing.
    if (held && held.getClientRects().length === 0) this.says.focus({ preventScroll: true });
    return changed;
  }

  /** @param {Call | null} call */
  #drawBoard(call) {
    const { rules, game } = this;
    if (!rules) return;
    const cells = [...game.moves];
    const own = ownMove(call, cells.length);
    if (own) cells.push(own.cell);
    const position = positionAfter(rules, cells);
    const mine = sideOf(game, this.me);
    const may = game.phase === "playing" && game.turn === mine && mine !== null && call?.state !== "sending" && !own;
    this.view.render({
      rules,
      position,
      line: game.phase === "finished" ? rules.result(position).line : null,
      side: mine ?? "X",
      allowed: new Set(may ? rules.legal(position) : []),
      advice: null,
      over: !["offered", "playing"].includes(game.phase),
    });
    this.board.classList.toggle("sending", Boolean(own));
  }

  /**
   * @param {Call | null} call
   * @param {boolean} offline
   */
  #drawTrouble(call, offline) {
    const words = call?.state === "failed" ? (call.words ?? "") : offline ? OFFLINE : "";
    setText(this.troubleWords, words);
    this.trouble.hidden = !words;
    this.retry.hidden = !(call?.state === "failed" && call.again);
  }

  /** @param {number} cell */
  #aim(cell) {
    if (this.rules) setText(this.says, `Tap again to take ${coordinates(this.rules, cell)}.`);
  }

  /** @param {number} cell */
  #take(cell) {
    const { moves } = this.game;
    this.actions.act(this.id, { do: "move", ply: moves.length, cell });
  }
}

/**
 * The move that is under way, or waits to be tried again, on a board of so many moves.
 * @param {Call | null} call
 * @param {number} made
 */
function ownMove(call, made) {
  if (call?.command.do !== "move" || call.command.ply !== made) return null;
  return call.state === "sending" || call.again ? call.command : null;
}
