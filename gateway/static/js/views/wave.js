import { setAttributes, svg } from "../lib/dom.js";
import { heights } from "../lib/peaks.js";

const STEP = 4;
const HIGH = 32;
const LEAST = 2;

/**
 * Bars as high as the peaks, in the colour of the text around; decoration.
 * @param {string} peaks
 * @param {string} className
 */
export function waveNode(peaks, className) {
  const path = svg("path", { d: line(peaks) });
  const box = `0 0 ${peaks.length * STEP} ${HIGH}`;
  return svg("svg", { class: className, viewBox: box, preserveAspectRatio: "none", "aria-hidden": "true" }, path);
}

/**
 * @param {SVGElement} node of `waveNode`
 * @param {string} peaks as many as before
 */
export function redrawWave(node, peaks) {
  if (node.firstElementChild) setAttributes(node.firstElementChild, { d: line(peaks) });
}

/** @param {string} peaks */
function line(peaks) {
  const bars = heights(peaks).map((height, bar) => {
    const high = LEAST + height * (HIGH - 2 * LEAST);
    return `M${bar * STEP + STEP / 2} ${(HIGH - high) / 2}v${high}`;
  });
  return bars.join("");
}
