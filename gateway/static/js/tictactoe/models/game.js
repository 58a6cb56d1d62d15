// One game as it is played and looked at again: who sits where, the moves made, which of them are shown. No DOM.

import { after, turn } from "./position.js";

/** @import { Position } from "./position.js" */
/** @import { Rules } from "./variants.js" */
/** @typedef {"you" | Wire.Level} Player */
/** @typedef {{ before: Position, side: Wire.Side, cell: number, reason: Wire.Reason | null }} Move reason: where an AI gave one */

export class Game {
  /** @type {Record<Wire.Side, Player>} */
  seats = { X: "you", O: "perfect" };
  /** @type {Move[]} */
  moves = [];
  shown = 0; // how many of the moves the board shows; fewer than all while one looks back
  counted = false; // whether the result is in the score

  /** @param {Rules} rules */
  constructor(rules) {
    this.rules = rules;
  }

  get position() {
    const last = this.last;
    return last ? after(last.before, last.cell) : this.rules.start;
  }

  /** The move that led to the position shown, or null. */
  get last() {
    return this.moves[this.shown - 1] ?? null;
  }

  get live() {
    return this.shown === this.moves.length;
  }

  get side() {
    return turn(this.position.board);
  }

  /** Of the position shown. */
  get result() {
    return this.rules.result(this.position);
  }

  get playing() {
    return this.result.status === "playing";
  }

  /** Whether a person is to move. */
  get yours() {
    return this.live && this.playing && this.seats[this.side] === "you";
  }

  /** Whether an AI is to move. */
  get theirs() {
    return this.live && this.playing && this.seats[this.side] !== "you";
  }

  /** Whether both seats are AIs. */
  get watched() {
    return this.seats.X !== "you" && this.seats.O !== "you";
  }

  /** @param {number} cell */
  allows(cell) {
    return this.live && this.playing && this.rules.legal(this.position).includes(cell);
  }

  /**
   * @param {number} cell
   * @param {Wire.Reason | null} reason
   */
  make(cell, reason = null) {
    this.moves.push({ before: this.position, side: this.side, cell, reason });
    this.shown = this.moves.length;
  }

  /** How many moves Undo takes back: to a person's last turn, or one where two AIs play; 0 if none. */
  get undoable() {
    if (!this.live) return 0;
    if (this.watched) return Math.min(1, this.moves.length);
    const last = this.moves.findLastIndex(({ side }) => this.seats[side] === "you");
    return last < 0 ? 0 : this.moves.length - last;
  }

  undo() {
    this.moves.length -= this.undoable;
    this.shown = this.moves.length;
    this.counted = false;
  }

  /**
   * Shows the position after `count` moves.
   * @param {number} count
   */
  show(count) {
    this.shown = Math.max(0, Math.min(this.moves.length, count));
  }

  /** Drops the moves that are not shown: play continues from the position on screen. */
  branch() {
    this.moves.length = this.shown;
    this.counted = false;
  }

  /**
   * A new game of `rules`, up to the end of `cells`.
   * @param {Rules} rules
   * @param {number[]} cells
   */
  restart(rules = this.rules, cells = []) {
    this.rules = rules;
    this.moves = [];
    this.shown = 0;
    this.counted = false;
    for (const cell of cells) this.make(cell);
  }
}
