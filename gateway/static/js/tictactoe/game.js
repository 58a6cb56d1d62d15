// One game as it is played: who sits where, the moves made, what can be taken back. No DOM.

import { EMPTY, place, status, turn } from "./board.js";

/** A move made: {before, side, cell, reason}; reason only where an AI gave one. */
export class Game {
  seats = { X: "you", O: "perfect" };
  moves = [];

  get board() {
    const last = this.last;
    return last ? place(last.before, last.side, last.cell) : EMPTY;
  }

  get last() {
    return this.moves.at(-1) ?? null;
  }

  get side() {
    return turn(this.board);
  }

  get status() {
    return status(this.board);
  }

  get playing() {
    return this.status === "playing";
  }

  /** Whether a person is to move. */
  get yours() {
    return this.playing && this.seats[this.side] === "you";
  }

  /** Whether an AI is to move. */
  get theirs() {
    return this.playing && this.seats[this.side] !== "you";
  }

  /** Whether both seats are AIs. */
  get watched() {
    return this.seats.X !== "you" && this.seats.O !== "you";
  }

  allows(cell) {
    return this.playing && this.board[cell] === ".";
  }

  make(cell, reason = null) {
    this.moves.push({ before: this.board, side: this.side, cell, reason });
  }

  /** How many moves Undo takes back: to a person's last turn, or one where two AIs play; 0 if none. */
  get undoable() {
    if (this.watched) return Math.min(1, this.moves.length);
    const last = this.moves.findLastIndex(({ side }) => this.seats[side] === "you");
    return last < 0 ? 0 : this.moves.length - last;
  }

  undo() {
    this.moves.length -= this.undoable;
  }

  restart() {
    this.moves = [];
  }
}
