// A small picture of a game's last position.

import { svg } from "../../lib/dom.js";
import { positionAfter } from "../models/state.js";

/** @import { Rules } from "../../tictactoe/models/variants.js" */

/**
 * The position after these moves; decoration, the words beside it say the result.
 * @param {Rules} rules
 * @param {number[]} moves
 */
export function picture(rules, moves) {
  const { columns, rows } = rules;
  const { board } = positionAfter(rules, moves);
  const down = Array.from({ length: columns - 1 }, (_, i) => `M${(i + 1) * 10} 0V${rows * 10}`);
  const across = Array.from({ length: rows - 1 }, (_, i) => `M0 ${(i + 1) * 10}H${columns * 10}`);
  const stones = Array.from(board, (held, cell) => {
    const [x, y] = [(cell % columns) * 10 + 5, Math.floor(cell / columns) * 10 + 5];
    if (held === "X") return svg("path", { class: "stone-X", d: `M${x - 2.5} ${y - 2.5}l5 5m0-5l-5 5` });
    return held === "O" ? svg("circle", { class: "stone-O", cx: x, cy: y, r: 2.7 }) : null;
  });
  return svg(
    "svg",
    { class: "game-picture", viewBox: `-1 -1 ${columns * 10 + 2} ${rows * 10 + 2}`, "aria-hidden": "true" },
    svg("path", { class: "grid", d: [...down, ...across].join("") }),
    ...stones.filter((stone) => stone !== null),
  );
}
