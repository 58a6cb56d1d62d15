// Who acts when: a person's moves, the AI's answers, hints, watching. Owns all timers and calls in flight.

import { wonLine } from "./board.js";
import { Game } from "./game.js";
import { Panel } from "./panel.js";
import { BoardView } from "./view.js";
import * as words from "./words.js";

// An answer at once would look as if both stones fell together.
const ANSWER_AFTER_MS = 250;
const THINKING_AFTER_MS = 900;

export class Controller {
  #game = new Game();
  #call = null; // AbortController of the call or pause in flight; aborting it makes it as if never begun
  #hint = null;
  #trouble = null; // {words, again}
  #running = false; // two AIs, not paused
  #pace = 700;

  constructor({ askMove, score }) {
    this.askMove = askMove;
    this.score = score;
    this.view = new BoardView(document.getElementById("board"), (cell) => this.#take(cell));
    this.panel = new Panel({
      newGame: () => this.#change(() => this.#restart()),
      undo: () => this.#change(() => this.#undo()),
      seat: (side, value) => this.#change(() => this.#seat(side, value)),
      play: () => this.#change(() => (this.#running = !this.#running)),
      step: () => this.#change(() => (this.#running = false), () => this.#answer(0)),
      speed: (ms) => (this.#pace = ms),
      hint: () => this.#toggleHint(),
      retry: () => this.#change(() => {}, this.#trouble.again),
    });
  }

  start() {
    this.#render();
    this.#proceed();
  }

  /** Whatever was under way ends, `act` changes the game, and play goes on from there. */
  #change(act, then = () => this.#proceed()) {
    this.#stop();
    this.#hint = null;
    act();
    this.#trouble = null;
    this.#render();
    this.#report();
    then();
  }

  #restart() {
    this.#game.restart();
    this.#running = this.#game.watched;
  }

  #undo() {
    if (!this.#game.playing) this.score.count(this.#game.status, -1);
    this.#game.undo();
    this.#running = false;
  }

  #seat(side, value) {
    const watched = this.#game.watched;
    this.#game.seats[side] = value;
    this.#running = this.#game.watched && (this.#running || !watched);
  }

  #take(cell) {
    if (this.#game.yours && this.#game.allows(cell)) this.#change(() => this.#make(cell));
  }

  #make(cell, reason = null) {
    this.#game.make(cell, reason);
    if (!this.#game.playing) this.score.count(this.#game.status, 1);
  }

  #proceed() {
    if (!this.#game.theirs) return;
    if (!this.#game.watched) this.#answer(ANSWER_AFTER_MS);
    else if (this.#running) this.#answer(this.#pace);
  }

  /** Asks the AI for the side on turn and makes its move, not before `after_ms`. */
  async #answer(afterMs) {
    const { board, side, seats } = this.#game;
    const slow = setTimeout(() => this.panel.say(words.thinking(side)), afterMs + THINKING_AFTER_MS);
    let answer;
    try {
      answer = await this.#alone((signal) =>
        Promise.all([this.askMove(board, seats[side], signal), pause(afterMs, signal)]));
    } catch (error) {
      this.#fail(error, `${side} cannot answer`, () => this.#answer(0));
    } finally {
      clearTimeout(slow);
    }
    if (answer) this.#change(() => this.#make(answer[0].cell, answer[0].reason));
  }

  async #toggleHint() {
    if (this.#hint) {
      this.#change(() => {});
      return;
    }
    const { board, side } = this.#game;
    let answer;
    try {
      answer = await this.#alone((signal) => this.askMove(board, "perfect", signal));
    } catch (error) {
      this.#fail(error, "there is no hint", () => this.#toggleHint());
    }
    if (!answer) return;
    this.#trouble = null;
    this.#hint = { side, best: answer.cell, moves: answer.moves };
    this.#render();
    this.panel.say(words.reasonAdvice({ before: board, side, cell: answer.cell, reason: answer.reason }));
  }

  /** Runs one call at a time; resolves to undefined when another action ended it. */
  async #alone(begin) {
    this.#stop();
    const call = new AbortController();
    this.#call = call;
    try {
      return await begin(call.signal);
    } catch (error) {
      if (call.signal.aborted) return undefined;
      call.abort();
      throw error;
    } finally {
      if (this.#call === call) this.#call = null;
    }
  }

  #stop() {
    this.#call?.abort();
    this.#call = null;
  }

  #fail(error, consequence, again) {
    this.#trouble = { words: words.trouble(error, consequence), again };
    this.#render();
    this.#report();
  }

  #render() {
    const game = this.#game;
    this.view.render({
      board: game.board,
      line: wonLine(game.board),
      last: game.last?.cell,
      open: game.yours,
      hint: this.#hint,
    });
    this.panel.render({
      side: game.side,
      playing: game.playing,
      score: this.score.counts,
      canUndo: game.undoable > 0,
      canHint: game.yours || (game.playing && game.watched && !this.#running),
      hinted: this.#hint !== null,
      watched: game.watched,
      running: this.#running && game.playing,
      trouble: this.#trouble?.words ?? null,
    });
  }

  #report() {
    const { board, side, seats, last, status } = this.#game;
    const standing = words.standing(board, side, seats, last);
    const reason = last?.reason && !["X", "O"].includes(status) ? `${words.reasonReport(last)} ` : "";
    this.panel.say(reason + standing, last ? words.moveSpoken(last) : "");
  }
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
