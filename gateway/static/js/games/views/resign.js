import { byId } from "../../lib/dom.js";

/** @import { GameCalls } from "../../models/game_calls.js" */
/** @import { Games } from "../../models/games.js" */

/** Asks before a game is given up; the question closes if the game ends first. */
export class ResignDialog {
  #id = "";

  /** @param {{ games: Games, calls: GameCalls }} parts */
  constructor({ games, calls }) {
    this.games = games;
    this.dialog = byId("resign", HTMLDialogElement);
    for (const choice of this.dialog.querySelectorAll("button")) {
      choice.addEventListener("click", () => this.dialog.close(choice.value));
    }
    this.dialog.addEventListener(
      "close",
      () => this.dialog.returnValue === "resign" && calls.act(this.#id, { do: "resign" }),
    );
    games.on("change", ({ game }) => {
      if (this.dialog.open && game?.id === this.#id && game.phase !== "playing") this.dialog.close("");
    });
  }

  /** @param {string} id of a game */
  ask(id) {
    this.#id = id;
    this.dialog.returnValue = "";
    this.dialog.showModal();
  }
}
