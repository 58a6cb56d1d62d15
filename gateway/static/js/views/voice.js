import { lengthOf } from "../lib/attached.js";
import { el, icon, setAttributes, setText } from "../lib/dom.js";
import { waveNode } from "./wave.js";

/** @type {Record<string, number>} by which key one goes how many seconds on */
const STEPS_S = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };

/**
 * A player that shows the sound before it is heard: its waveform, in which one sees and chooses where it is.
 * @param {HTMLAudioElement} player
 * @param {{ name: string, duration: number, peaks: string }} sound
 * @param {HTMLElement} speed
 */
export function voiceNode(player, { name, duration, peaks }, speed) {
  const toggle = el("button", { type: "button", class: "icon-button voice-play" });
  const place = el("input", { type: "range", min: 0, max: duration, step: "any", value: 0, "aria-label": "Position" });
  const wave = el("div", { class: "wave" }, waveNode(peaks, "wave-all"), waveNode(peaks, "wave-heard"), place);
  const time = el("span", { class: "voice-time" });
  const node = el(
    "div",
    { class: "sound voice", role: "group", "aria-label": name },
    toggle,
    wave,
    time,
    speed,
    player,
  );

  function draw() {
    const at = Math.min(player.currentTime, duration);
    place.valueAsNumber = at;
    setAttributes(place, { "aria-valuetext": `${lengthOf(at)} of ${lengthOf(duration)}` });
    wave.style.setProperty("--heard", String(at / duration));
    setText(time, at || !player.paused ? `${lengthOf(at)} / ${lengthOf(duration)}` : lengthOf(duration));
  }

  function nameToggle() {
    const words = player.paused ? "Play" : "Pause";
    setAttributes(toggle, { "aria-label": words, title: words });
    toggle.replaceChildren(icon(words.toLowerCase()));
  }

  function follow() {
    draw();
    if (!player.paused) requestAnimationFrame(follow);
  }

  /** @param {number} to in seconds */
  function go(to) {
    player.currentTime = Math.min(Math.max(0, to), duration);
    draw();
  }

  const turn = () => (player.paused ? player.play().catch(() => nameToggle()) : player.pause());
  toggle.addEventListener("click", turn);
  place.addEventListener("input", () => go(place.valueAsNumber));
  place.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in STEPS_S || event.key === " ")) return;
    event.preventDefault();
    if (event.key === " ") turn();
    else go(player.currentTime + STEPS_S[event.key]);
  });
  for (const name of ["play", "pause"]) player.addEventListener(name, nameToggle);
  player.addEventListener("play", follow);
  player.addEventListener("ended", () => go(0));
  player.addEventListener("error", () => setText(time, "It cannot be played here just now."));
  nameToggle();
  draw();
  return node;
}
