import { el } from "./dom.js";

const SIDE = 4;

/**
 * A few colours of a picture, to be seen until it is there.
 * @param {string} thumb base64 of red, green and blue of 4 by 4 fields
 */
export function drawThumb(thumb) {
  const canvas = el("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
  const colours = atob(thumb);
  const pixels = new ImageData(SIDE, SIDE);
  for (let field = 0; field < SIDE * SIDE; field += 1) {
    for (let part = 0; part < 3; part += 1) pixels.data[4 * field + part] = colours.charCodeAt(3 * field + part);
    pixels.data[4 * field + 3] = 255;
  }
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  return canvas;
}
