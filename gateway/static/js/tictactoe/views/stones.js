// What lies in a cell, drawn.

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  X: ["path", { d: "M26 26 74 74M74 26 26 74" }],
  O: ["circle", { cx: 50, cy: 50, r: 27 }],
};

/** An X or an O; decoration, the cell's name says it. */
export function stone(side) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("class", `stone stone-${side}`);
  svg.setAttribute("aria-hidden", "true");
  const [tag, values] = SHAPES[side];
  const shape = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(values)) shape.setAttribute(name, value);
  svg.append(shape);
  return svg;
}
