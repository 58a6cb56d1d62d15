import { byId } from "../../lib/dom.js";
import { change, status } from "../models/words.js";

/** @import { Change, Games } from "../../models/games.js" */

/** Tells a screen reader what happens in the games of the open thread: the cards themselves are silent. */
export class Announcer {
  /** @type {string | null} */
  #thread = null;

  /**
   * @param {object} parts
   * @param {string} parts.me
   * @param {Games} parts.games
   * @param {(username: string) => Record<string, string>} parts.namesOf the display names of a thread's two members
   */
  constructor({ me, games, namesOf }) {
    this.me = me;
    this.namesOf = namesOf;
    this.region = byId("game-news");
    games.on("change", (news) => this.#changed(news));
  }

  /** @param {string | null} username */
  open(username) {
    this.#thread = username;
    this.region.textContent = "";
  }

  /** @param {Change} change */
  #changed({ thread, before, game }) {
    if (thread !== this.#thread || !game) return;
    const isNew = before === null && game.version === 1;
    if (!isNew && (before === null || before.version === game.version)) return;
    const about = { me: this.me, names: this.namesOf(thread) };
    this.region.textContent = [change(game, about), status(game, about)].filter(Boolean).join(" ");
  }
}
