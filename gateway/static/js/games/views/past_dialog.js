import { enable, onPress } from "../../lib/buttons.js";
import { onCalendar } from "../../lib/calendar.js";
import { byId, el, setText } from "../../lib/dom.js";
import { full, short } from "../../lib/time.js";
import { gameName, seatName } from "../models/names.js";
import { replayAddress } from "../models/replay.js";
import { tallies } from "../models/scores.js";
import { rulesFor } from "../models/state.js";
import { status } from "../models/words.js";
import { picture } from "./picture.js";

/** @import { threadGames } from "../../net/api.js" */
/** @import { About } from "../models/names.js" */

const PAGE = 20;
const LOADING = "Loading…";
const FAILED = "The games could not be loaded.";
const NONE = "No game has been finished here yet.";

/** The dialog with the open thread's finished games, newest first, each with a link to its replay. */
export class PastDialog {
  /** @type {string | null} */
  #peer = null;
  /** @type {number | null} seq of the first game shown */
  #oldest = null;
  #showing = 0;

  /**
   * @param {object} parts
   * @param {string} parts.me
   * @param {typeof threadGames} parts.load
   * @param {(username: string) => Record<string, string>} parts.namesOf the display names of a thread's two members
   * @param {() => void} parts.onNew a game is wanted
   */
  constructor({ me, load, namesOf, onNew }) {
    this.me = me;
    this.load = load;
    this.namesOf = namesOf;
    this.dialog = byId("past", HTMLDialogElement);
    this.list = byId("past-list");
    this.scores = byId("past-scores");
    this.says = byId("past-says");
    this.more = byId("past-more");
    this.fresh = byId("past-new");
    byId("past-close").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    onPress(this.more, () => this.#load());
    this.fresh.addEventListener("click", () => {
      this.dialog.close();
      onNew();
    });
    onCalendar(() => this.dialog.open && this.#begin());
  }

  /** @param {string | null} username of the open thread */
  open(username) {
    if (username === this.#peer) return;
    this.#peer = username;
    this.dialog.close(); // its games are the other thread's
  }

  show() {
    this.dialog.showModal();
    this.#begin();
  }

  #begin() {
    this.#showing += 1;
    this.#oldest = null;
    this.list.replaceChildren();
    this.scores.replaceChildren();
    this.more.hidden = true;
    this.#load();
  }

  async #load() {
    const peer = this.#peer;
    if (peer === null) return;
    const showing = this.#showing;
    const to = this.#oldest === null ? undefined : this.#oldest - 1;
    enable(this.more, false);
    this.fresh.hidden = true;
    setText(this.says, LOADING);
    try {
      const page = await this.load(peer, { phase: "finished", limit: PAGE, to });
      if (showing === this.#showing) this.#draw(page, { me: this.me, names: this.namesOf(peer) });
    } catch {
      if (showing === this.#showing) this.#offerAgain("Try again", FAILED);
    }
  }

  /**
   * @param {Wire.ThreadGames} page
   * @param {About} about
   */
  #draw({ games, score, against_ai }, about) {
    const rows = [...games].reverse().map(({ game }) => row(game, about));
    const again = this.#oldest !== null;
    this.list.append(...rows);
    this.scores.replaceChildren(...tallies(score, against_ai, about).map((line) => el("li", {}, line)));
    this.#oldest = games[0]?.seq ?? this.#oldest;
    this.#offerAgain("Older games", this.list.children.length ? "" : NONE);
    this.fresh.hidden = this.list.children.length > 0;
    // Who asked for more goes on where it begins.
    if (again) (rows[0]?.querySelector("a") ?? byId("past-close")).focus();
    this.more.hidden = games.length < PAGE;
  }

  /**
   * @param {string} word
   * @param {string} says
   */
  #offerAgain(word, says) {
    setText(this.says, says);
    setText(this.more, word);
    this.more.hidden = false;
    enable(this.more, true);
  }
}

/**
 * @param {Wire.Game} game
 * @param {About} about
 */
function row(game, about) {
  const rules = rulesFor(game.spec);
  const [x, o] = [seatName(game.seats.X, about), seatName(game.seats.O, about)];
  const [name, result, when] = [gameName(game.spec), status(game, about), short(game.at)];
  const replay = replayAddress(game);
  const link = {
    class: "button small",
    href: replay,
    target: "_blank",
    rel: "noopener",
    "aria-label": `Replay ${name}, ${when}: ${result}`,
  };
  return el(
    "li",
    { class: "past-game" },
    rules && picture(rules, game.moves),
    el(
      "div",
      {},
      el(
        "p",
        { class: "past-head" },
        el("span", { class: "game-name" }, name),
        el("time", { datetime: game.at, title: full(game.at) }, when),
      ),
      el("p", {}, result),
      el("p", { class: "hint" }, `X: ${x} · O: ${o}`),
    ),
    replay && el("a", link, "Replay"),
  );
}
