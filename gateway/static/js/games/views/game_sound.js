import { byId } from "../../lib/dom.js";
import { serverNow } from "../../net/skew.js";
import { sideOf } from "../models/state.js";

/** @import { Change, Games } from "../../models/games.js" */
/** @import { Sound } from "../../tictactoe/views/sound.js" */

/** Changes older than this make no sound: they are no longer news. */
const NEWS_FOR_MS = 5000;

/** Tones for the games of the open thread, while somebody looks at the page. It shares its switch with the game page. */
export class GameSound {
  /** @type {string | null} */
  #thread = null;

  /**
   * @param {object} parts
   * @param {string} parts.me
   * @param {Games} parts.games
   * @param {Sound} parts.sound
   * @param {(thread: string) => boolean} parts.isMuted
   */
  constructor({ me, games, sound, isMuted }) {
    this.me = me;
    this.isMuted = isMuted;
    this.sound = sound;
    const control = byId("game-sound", HTMLInputElement);
    control.checked = sound.on;
    control.addEventListener("change", () => sound.switch(control.checked));
    sound.onSwitched = (on) => {
      control.checked = on;
    };
    games.on("change", (news) => this.#changed(news));
  }

  /** @param {string | null} username */
  open(username) {
    this.#thread = username;
  }

  /** @param {Change} change */
  #changed({ thread, before, game }) {
    if (thread !== this.#thread || !before || !game || game.version <= before.version || document.hidden) return;
    if (serverNow() - Date.parse(game.at) > NEWS_FOR_MS || this.isMuted(thread)) return;
    if (game.phase === "finished") this.sound.play(this.#ending(game));
    else if (game.what === "moved") this.sound.play(game.moves.length % 2 === 1 ? "X" : "O");
  }

  /**
   * @param {Wire.Game} game
   * @returns {"draw" | "win" | "loss"}
   */
  #ending(game) {
    if (game.status === "draw") return "draw";
    const mine = sideOf(game, this.me);
    return mine === null || mine === game.status ? "win" : "loss";
  }
}
