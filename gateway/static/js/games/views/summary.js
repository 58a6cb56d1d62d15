// Games that are over and done with, small: a finished one with its last board and a link, a sentence for the others.

import { el } from "../../lib/dom.js";
import { replayAddress, rulesFor } from "../models/state.js";
import { gameName, status } from "../models/words.js";
import { picture } from "./picture.js";

/** about: {me, names}. */
export function summaryNode({ game }, about) {
  const rules = rulesFor(game.spec);
  if (game.phase !== "finished") return el("p", { class: "game-notice", id: `game-${game.id}` }, status(game, about));
  return el(
    "article",
    { class: "game-summary", id: `game-${game.id}`, "aria-label": `Finished game of ${gameName(game.spec)}` },
    rules && picture(rules, game.moves),
    el("div", {}, el("p", { class: "game-name" }, gameName(game.spec)), el("p", {}, status(game, about))),
    rules && game.moves.length > 0
      ? el("a", { class: "button small", href: replayAddress(game), target: "_blank", rel: "noopener" }, "Replay")
      : null,
  );
}
