import { isVoice, lengthOf, VOICE } from "../lib/attached.js";
import { el, setAttributes } from "../lib/dom.js";
import { voiceNode } from "./voice.js";

/** @import { ShownFile } from "./items.js" */

const SPEEDS = [1, 1.5, 2];

/**
 * A player, and a button for the speed: with its waveform where its sender told of it, or else the browser's own.
 * @param {ShownFile} file
 * @param {string} source
 */
export function soundNode({ name: given, type, size, duration, peaks }, source) {
  const name = isVoice({ name: given, type, size }) ? VOICE : given;
  const player = el("audio", { src: source, preload: "none" });
  const speed = speedNode(player);
  player.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) if (other !== player) other.pause();
  });
  if (duration && peaks) return voiceNode(player, { name, duration, peaks }, speed);
  setAttributes(player, { controls: true, preload: "metadata", "aria-label": name });
  const length = duration === undefined ? "" : ` · ${lengthOf(duration)}`;
  return el("div", { class: "sound" }, el("span", { class: "file-name", dir: "auto" }, name + length), player, speed);
}

/** @param {HTMLAudioElement} player */
function speedNode(player) {
  const speed = el("button", { type: "button", class: "button small speed" });
  /** @param {number} rate */
  function turn(rate) {
    player.defaultPlaybackRate = rate; // loading takes this one
    player.playbackRate = rate;
    speed.textContent = `${rate}×`;
    speed.setAttribute("aria-label", `Speed ${rate}×`);
  }
  speed.addEventListener("click", () => turn(SPEEDS[(SPEEDS.indexOf(player.playbackRate) + 1) % SPEEDS.length]));
  turn(1);
  return speed;
}
