// A small picture of a game's last position.

import { positionAfter } from "../models/state.js";

const SVG = "http://www.w3.org/2000/svg";

function shape(tag, values) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(values)) node.setAttribute(name, value);
  return node;
}

/** The position after these moves; decoration, the words beside it say the result. */
export function picture(rules, moves) {
  const { columns, rows } = rules;
  const { board } = positionAfter(rules, moves);
  const lines = Array.from({ length: columns - 1 }, (_, i) => `M${(i + 1) * 10} 0V${rows * 10}`).concat(
    Array.from({ length: rows - 1 }, (_, i) => `M0 ${(i + 1) * 10}H${columns * 10}`),
  );
  const stones = Array.from(board, (held, cell) => {
    const [x, y] = [(cell % columns) * 10 + 5, Math.floor(cell / columns) * 10 + 5];
    if (held === "X") return shape("path", { class: "stone-X", d: `M${x - 2.5} ${y - 2.5}l5 5m0-5l-5 5` });
    return held === "O" ? shape("circle", { class: "stone-O", cx: x, cy: y, r: 2.7 }) : null;
  });
  const svg = shape("svg", {
    class: "game-picture",
    viewBox: `-1 -1 ${columns * 10 + 2} ${rows * 10 + 2}`,
    "aria-hidden": "true",
  });
  svg.append(shape("path", { class: "grid", d: lines.join("") }), ...stones.filter(Boolean));
  return svg;
}
