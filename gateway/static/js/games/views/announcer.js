import { byId } from "../../lib/dom.js";
import { change, status } from "../models/words.js";

/** Tells a screen reader what happens in the games of the open thread: the cards themselves are silent. */
export class Announcer {
  #thread = null;

  /** namesOf(username): {username: display name} of a thread's two members. */
  constructor({ me, games, namesOf }) {
    Object.assign(this, { me, namesOf });
    this.region = byId("game-news");
    games.on("change", (news) => this.#changed(news));
  }

  open(username) {
    this.#thread = username;
    this.region.textContent = "";
  }

  #changed({ thread, before, game }) {
    if (thread !== this.#thread || !game) return;
    const isNew = before === null && game.version === 1;
    if (!isNew && (before === null || before.version === game.version)) return;
    const about = { me: this.me, names: this.namesOf(thread) };
    this.region.textContent = [change(game, about), status(game, about)].filter(Boolean).join(" ");
  }
}
