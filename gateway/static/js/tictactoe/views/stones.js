// What lies in a cell, drawn.

import { svg } from "../../lib/dom.js";

const SHAPES = {
  X: () => svg("path", { d: "M26 26 74 74M74 26 26 74" }),
  O: () => svg("circle", { cx: 50, cy: 50, r: 27 }),
};

/**
 * An X or an O; decoration, the cell's name says it.
 * @param {Wire.Side} side
 */
export const stone = (side) =>
  svg("svg", { viewBox: "0 0 100 100", class: `stone stone-${side}`, "aria-hidden": "true" }, SHAPES[side]());
