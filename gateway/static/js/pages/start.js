// The start page's board: a game against the AI, and nothing around it.

import { byId, setText } from "../lib/dom.js";
import { askMove } from "../tictactoe/api.js";
import { Calls, pause } from "../tictactoe/models/calls.js";
import { Game } from "../tictactoe/models/game.js";
import { reasonReport } from "../tictactoe/models/reasons.js";
import { CLASSIC } from "../tictactoe/models/variants.js";
import { standing, trouble } from "../tictactoe/models/words.js";
import { BoardView } from "../tictactoe/views/board.js";

const LEVEL = "medium"; // perfect play is not much fun for who is here for the first time
const ANSWER_AFTER_MS = 250;

const game = new Game(CLASSIC);
const calls = new Calls();
game.seats = { X: "you", O: LEVEL };

const nothing = () => {};
const view = new BoardView(byId("board"), { onTake: take, onAim: nothing, onPage: nothing });
const again = byId("new-game", HTMLButtonElement);

function draw(said = "") {
  const { rules, position, side, result, yours, last } = game;
  const allowed = new Set(yours ? rules.legal(position) : []);
  view.render({ rules, position, ...result, side, allowed, advice: null });
  const reason = last?.reason ? reasonReport(rules, last) : "";
  setText(byId("status"), said || [reason, standing(game)].filter(Boolean).join(" "));
}

/** @param {number} cell */
function take(cell) {
  if (!game.yours || !game.allows(cell)) return;
  game.make(cell);
  draw();
  if (game.theirs) answer();
}

async function answer() {
  const { rules, position } = game;
  try {
    const answered = await calls.alone((signal) =>
      Promise.all([askMove(rules, position, LEVEL, signal), pause(ANSWER_AFTER_MS, signal)]),
    );
    if (!answered) return;
    game.make(answered[0].cell, answered[0].reason);
    draw();
  } catch (error) {
    game.undo(); // the move is to be made again
    draw(trouble(/** @type {Error} */ (error), "the AI cannot answer"));
  }
}

again.addEventListener("click", () => {
  calls.stop();
  game.restart();
  draw();
});
again.disabled = false;
draw();
