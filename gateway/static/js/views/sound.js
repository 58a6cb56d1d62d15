import { isVoice, lengthOf, VOICE } from "../lib/attached.js";
import { el } from "../lib/dom.js";

/** @import { ShownFile } from "./items.js" */

const SPEEDS = [1, 1.5, 2];

/**
 * A player: the browser's own, which the keyboard and screen readers know, and a button for the speed.
 * @param {ShownFile} file
 * @param {string} source
 */
export function soundNode(file, source) {
  const name = isVoice(file) ? VOICE : file.name;
  const player = el("audio", { controls: true, preload: "metadata", src: source, "aria-label": name });
  const speed = el("button", { type: "button", class: "button small speed" });
  /** @param {number} rate */
  function turn(rate) {
    player.playbackRate = rate;
    speed.textContent = `${rate}×`;
    speed.setAttribute("aria-label", `Speed ${rate}×`);
  }
  speed.addEventListener("click", () => turn(SPEEDS[(SPEEDS.indexOf(player.playbackRate) + 1) % SPEEDS.length]));
  player.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) if (other !== player) other.pause();
  });
  turn(1);
  const length = file.duration === undefined ? "" : ` · ${lengthOf(file.duration)}`;
  return el("div", { class: "sound" }, el("span", { class: "file-name", dir: "auto" }, name + length), player, speed);
}
