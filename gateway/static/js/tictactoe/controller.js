// Who acts when: a person's moves, the AI's answers, advice, watching, looking back. Owns the game.

import { byId } from "../lib/dom.js";
import { Calls, pause } from "./models/calls.js";
import { Game } from "./models/game.js";
import { encode } from "./models/link.js";
import { moveSpoken, reasonAdvice, reasonReport } from "./models/reasons.js";
import { CLASSIC } from "./models/variants.js";
import * as words from "./models/words.js";
import { AdviceView } from "./views/advice.js";
import { BoardView } from "./views/board.js";
import { Chooser } from "./views/chooser.js";
import { Panel } from "./views/panel.js";
import { ReplayBar } from "./views/replay.js";
import { Share } from "./views/share.js";

/** @import * as Api from "./api.js" */
/** @import { Advice } from "./api.js" */
/** @import { Player } from "./models/game.js" */
/** @import { BadLink } from "./models/link.js" */
/** @import { Score } from "./models/score.js" */
/** @import { Rules } from "./models/variants.js" */
/** @import { Trouble } from "./views/panel.js" */
/** @import { Sound } from "./views/sound.js" */

// An answer at once would look as if both stones fell together.
const ANSWER_AFTER_MS = 250;
const THINKING_AFTER_MS = 300;

export class Controller {
  #game = new Game(CLASSIC);
  #calls = new Calls();
  /** @type {Advice | null} for the position shown */
  #advice = null;
  #analysing = false; // advice for every position, until switched off
  /** @type {Trouble | null} */
  #trouble = null;
  #running = false; // two AIs, not paused
  #pace = 700;

  /**
   * @param {object} parts
   * @param {Pick<typeof Api, "askMove" | "askAdvice">} parts.api
   * @param {Score} parts.score
   * @param {Sound} parts.sound
   * @param {{ of(query: string): string, forget(): void }} parts.address the bar of the browser
   */
  constructor({ api, score, sound, address }) {
    this.api = api;
    this.score = score;
    this.sound = sound;
    this.address = address;
    this.view = new BoardView(byId("board"), {
      onTake: (cell) => this.#take(cell),
      onAim: (cell) => this.panel.say(words.aimed(this.#game.rules, this.#game.side, cell)),
      onPage: (by) => this.#look(this.#game.shown + by),
    });
    this.panel = new Panel({
      newGame: () => this.#change(() => this.#restart()),
      undo: () => this.#change(() => this.#undo()),
      seat: (side, value) => this.#change(() => this.#seat(side, value)),
      play: () => this.#change(() => this.#run(!this.#running)),
      step: () =>
        this.#change(
          () => this.#run(false),
          () => this.#answer(0),
        ),
      speed: (ms) => {
        this.#pace = ms;
      },
      hint: () => (this.#advice ? this.#look(this.#game.shown, () => {}) : this.#advise()),
      analysis: (on) => {
        this.#analysing = on;
        this.#look(this.#game.shown);
      },
      sound: (on) => this.sound.switch(on),
      retry: () => this.#change(() => {}, this.#trouble?.again ?? undefined),
    });
    this.chooser = new Chooser((rules) => this.#change(() => this.#restart(rules)));
    this.replay = new ReplayBar({
      onShow: (count) => this.#look(count),
      onBranch: () => this.#change(() => this.#game.branch()),
    });
    this.share = new Share(
      () => this.#link(),
      (copied) => this.panel.say(copied ? words.COPIED : words.NOT_COPIED),
    );
    this.adviceView = new AdviceView();
  }

  /** @param {{ shared: { rules: Rules, cells: number[] } | null, badLink: BadLink | null }} link badLink: what is wrong with it */
  start({ shared, badLink }) {
    this.panel.switchSound(this.sound.on);
    this.sound.onSwitched = (on) => this.panel.switchSound(on);
    if (shared) {
      this.#game.seats = { X: "you", O: "you" };
      this.#game.restart(shared.rules, shared.cells);
    }
    if (badLink) this.#trouble = { words: words.badLink(badLink), again: null };
    this.#render();
    this.#report(shared ? words.SHARED : "");
    this.#proceed();
  }

  /**
   * Whatever was under way ends, `act` changes the game, and play goes on from there.
   * @param {() => void} act
   */
  #change(act, then = () => this.#proceed()) {
    this.address.forget();
    act();
    this.#look(this.#game.shown, then);
  }

  /**
   * Shows the position after `count` moves.
   * @param {number} count
   */
  #look(count, then = () => this.#proceed()) {
    this.#calls.stop();
    this.#advice = null;
    this.#trouble = null;
    if (count !== this.#game.shown) this.#running = false;
    this.#game.show(count);
    this.#render();
    this.#report();
    then();
  }

  /** @param {boolean} running */
  #run(running) {
    this.#running = running;
  }

  /** @param {Rules} rules */
  #restart(rules = this.#game.rules) {
    this.#game.restart(rules);
    this.#running = this.#game.watched;
  }

  #undo() {
    const { status } = this.#game.result;
    if (this.#game.counted && status !== "playing") this.score.count(status, -1);
    this.#game.undo();
    this.#running = false;
  }

  /**
   * @param {Wire.Side} side
   * @param {Player} value
   */
  #seat(side, value) {
    const watched = this.#game.watched;
    this.#game.seats[side] = value;
    this.#running = this.#game.watched && (this.#running || !watched);
  }

  /** @param {number} cell */
  #take(cell) {
    if (this.#game.yours && this.#game.allows(cell)) this.#change(() => this.#make(cell));
  }

  /**
   * @param {number} cell
   * @param {Wire.Reason | null} reason
   */
  #make(cell, reason = null) {
    const { seats, side } = this.#game;
    this.#game.make(cell, reason);
    const { status } = this.#game.result;
    if (status === "playing") {
      this.sound.play(side);
      return;
    }
    this.score.count(status, 1);
    this.#game.counted = true;
    const lost = status !== "draw" && seats[status] !== "you" && !this.#game.watched;
    this.sound.play(status === "draw" ? "draw" : lost ? "loss" : "win");
  }

  #proceed() {
    const { theirs, watched, playing } = this.#game;
    if (theirs && !watched) this.#answer(ANSWER_AFTER_MS);
    else if (theirs && this.#running) this.#answer(this.#pace);
    else if (this.#analysing && playing) this.#advise();
  }

  /**
   * Asks the AI for the side on turn and makes its move, not before `afterMs`.
   * @param {number} afterMs
   */
  async #answer(afterMs) {
    const { rules, position, side, seats } = this.#game;
    const level = /** @type {Wire.Level} */ (seats[side]);
    const answer = await this.#patiently({
      begin: (signal) => Promise.all([this.api.askMove(rules, position, level, signal), pause(afterMs, signal)]),
      wait: { words: words.THINKING, afterMs: Math.max(THINKING_AFTER_MS, afterMs) },
      consequence: `${side} cannot answer`,
      again: () => this.#answer(0),
    });
    if (answer) this.#change(() => this.#make(answer[0].cell, answer[0].reason));
  }

  async #advise() {
    const { rules, position, side } = this.#game;
    const advice = await this.#patiently({
      begin: (signal) => this.api.askAdvice(rules, position, side, signal),
      wait: { words: words.ANALYSING, afterMs: THINKING_AFTER_MS },
      consequence: "there is no hint",
      again: () => this.#advise(),
    });
    if (!advice) return;
    this.#trouble = null;
    this.#advice = advice;
    this.#render();
    this.panel.say(reasonAdvice(rules, { before: position, side, cell: advice.best, reason: advice.reason }));
  }

  /**
   * The answer of `begin`; says that it takes time when it does; undefined when it failed or was ended.
   * @template Answer
   * @param {object} call
   * @param {(signal: AbortSignal) => Promise<Answer>} call.begin
   * @param {{ words: string, afterMs: number }} call.wait
   * @param {string} call.consequence
   * @param {() => void} call.again
   */
  async #patiently({ begin, wait, consequence, again }) {
    const slow = setTimeout(() => this.panel.say(wait.words, "", { busy: true }), wait.afterMs);
    try {
      return await this.#calls.alone(begin);
    } catch (error) {
      this.#trouble = { words: words.trouble(/** @type {Error} */ (error), consequence), again };
      this.#render();
      this.#report();
      return undefined;
    } finally {
      clearTimeout(slow);
    }
  }

  #link() {
    const { rules, moves, shown } = this.#game;
    const cells = moves.slice(0, shown).map(({ cell }) => cell);
    return this.address.of(encode(rules, cells));
  }

  #render() {
    const game = this.#game;
    const { rules, position, side, playing } = game;
    const allowed = game.yours ? rules.legal(position) : [];
    const canGoOn = playing && game.live;
    this.view.render({ rules, position, ...game.result, side, allowed: new Set(allowed), advice: this.#advice });
    this.chooser.show(rules);
    this.adviceView.render(game, this.#advice);
    this.replay.render({ shown: game.shown, count: game.moves.length, canBranch: !game.live });
    this.share.forget();
    this.panel.render({
      side,
      playing,
      seats: game.seats,
      score: this.score.counts,
      canUndo: game.undoable > 0,
      canHint: playing && (!game.theirs || (game.watched && !this.#running)),
      canGoOn,
      hinted: this.#advice !== null,
      watched: game.watched,
      running: this.#running && canGoOn,
      trouble: this.#trouble,
    });
  }

  #report(first = "") {
    const game = this.#game;
    const { rules, last, playing } = game;
    const said = [first, game.live ? "" : words.place(game)];
    if (last && playing) said.push(last.reason ? reasonReport(rules, last) : words.localTaken(rules, last));
    said.push(words.standing(game));
    if (game.moves.length === 0) said.push(words.howTo(rules));
    this.panel.say(said.filter(Boolean).join(" "), last ? moveSpoken(rules, last) : "");
  }
}
