import { byId, el, setText } from "../../lib/dom.js";
import { full, short } from "../../lib/time.js";
import { replayAddress, rulesFor } from "../models/state.js";
import { gameName, seatName, status, tallies } from "../models/words.js";
import { picture } from "./picture.js";

const PAGE = 20;
const LOADING = "Loading…";
const FAILED = "The games could not be loaded.";
const NONE = "No game has been finished here yet.";

/** The dialog with the open thread's finished games, newest first, each with a link to its replay. */
export class PastDialog {
  #peer = null;
  #oldest = null;
  #showing = 0;

  /** load(username, {phase, limit, to}) → {games, score, against_ai}. namesOf(username) as for the announcer. onNew(): a game is wanted. */
  constructor({ me, load, namesOf, onNew }) {
    Object.assign(this, { me, load, namesOf });
    this.dialog = byId("past");
    this.list = byId("past-list");
    this.scores = byId("past-scores");
    this.says = byId("past-says");
    this.more = byId("past-more");
    this.fresh = byId("past-new");
    byId("past-close").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    this.more.addEventListener("click", () => this.more.getAttribute("aria-disabled") === "true" || this.#load());
    this.fresh.addEventListener("click", () => {
      this.dialog.close();
      onNew();
    });
  }

  /** username: of the open thread, or null. */
  open(username) {
    if (username === this.#peer) return;
    this.#peer = username;
    if (this.dialog.open) this.dialog.close();
  }

  show() {
    this.#showing += 1;
    this.#oldest = null;
    this.list.replaceChildren();
    this.scores.replaceChildren();
    this.more.hidden = true;
    this.dialog.showModal();
    this.#load();
  }

  async #load() {
    const showing = this.#showing;
    const to = this.#oldest === null ? undefined : this.#oldest - 1;
    this.more.setAttribute("aria-disabled", "true");
    this.fresh.hidden = true;
    setText(this.says, LOADING);
    try {
      const page = await this.load(this.#peer, { phase: "finished", limit: PAGE, to });
      if (showing === this.#showing) this.#draw(page);
    } catch {
      if (showing === this.#showing) this.#offerAgain("Try again", FAILED);
    }
  }

  #draw({ games, score, against_ai }) {
    const about = { me: this.me, names: this.namesOf(this.#peer) };
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

  #offerAgain(word, says) {
    setText(this.says, says);
    setText(this.more, word);
    this.more.hidden = false;
    this.more.setAttribute("aria-disabled", "false");
  }
}

function row(game, about) {
  const rules = rulesFor(game.spec);
  const [x, o] = ["X", "O"].map((side) => seatName(game.seats[side], about));
  const [name, result, when] = [gameName(game.spec), status(game, about), short(game.at)];
  const link = {
    class: "button small",
    href: rules && replayAddress(game),
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
    rules && game.moves.length > 0 ? el("a", link, "Replay") : null,
  );
}
