// Games that are over and done with, small: a finished one with its last board and a link, a sentence for the others.

import { el } from "../lib/dom.js";
import { replayAddress } from "./card.js";
import { positionAfter, rulesFor } from "./state.js";
import { gameName, status } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

function shape(tag, values) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(values)) node.setAttribute(name, value);
  return node;
}

/** The last position as a small picture; decoration, the words beside it say the result. */
function picture(rules, moves) {
  const { columns, rows } = rules;
  const { board } = positionAfter(rules, moves);
  const lines = Array.from({ length: columns - 1 }, (_, i) => `M${(i + 1) * 10} 0V${rows * 10}`)
    .concat(Array.from({ length: rows - 1 }, (_, i) => `M0 ${(i + 1) * 10}H${columns * 10}`));
  const stones = Array.from(board, (held, cell) => {
    const [x, y] = [(cell % columns) * 10 + 5, Math.floor(cell / columns) * 10 + 5];
    if (held === "X") return shape("path", { class: "stone-X", d: `M${x - 2.5} ${y - 2.5}l5 5m0-5l-5 5` });
    return held === "O" ? shape("circle", { class: "stone-O", cx: x, cy: y, r: 2.7 }) : null;
  });
  const svg = shape("svg", { class: "game-picture", viewBox: `-1 -1 ${columns * 10 + 2} ${rows * 10 + 2}`, "aria-hidden": "true" });
  svg.append(shape("path", { class: "grid", d: lines.join("") }), ...stones.filter(Boolean));
  return svg;
}

/** about: {me, names}. */
export function summaryNode({ game }, about) {
  const rules = rulesFor(game.spec);
  if (game.phase !== "finished") return el("p", { class: "game-notice", id: `game-${game.id}` }, status(game, about));
  return el(
    "article",
    { class: "game-summary", id: `game-${game.id}`, "aria-label": `Finished game of ${gameName(game.spec)}` },
    rules && picture(rules, game.moves),
    el("div", {}, el("p", { class: "game-name" }, gameName(game.spec)), el("p", {}, status(game, about))),
    rules && game.moves.length > 0 ? el("a", { class: "button small", href: replayAddress(game), target: "_blank", rel: "noopener" }, "Replay") : null,
  );
}
