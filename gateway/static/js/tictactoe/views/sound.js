// Short tones for what happens on the board, made by WebAudio. Off until the person switches it on; the browser
// plays nothing before a gesture, so the audio context is made at the first one.

/** @import { Kept } from "../../lib/storage.js" */

const KEY = "duet.tictactoe.sound";
const LEVEL = 0.12;
const TONE_S = 0.12;
const STEP_S = 0.11;
// Frequencies in Hz, one after another.
const TUNES = {
  X: [523.25],
  O: [392],
  win: [523.25, 659.25, 783.99],
  loss: [392, 329.63, 261.63],
  draw: [440, 440],
};

export class Sound {
  /** @type {AudioContext | null} */
  #context = null;

  /**
   * Called when it was switched in another tab.
   * @type {(on: boolean) => void}
   */
  onSwitched = () => {};

  /**
   * @param {Kept} kept
   * @param {{ still?: { matches: boolean } }} options still: whether motion is not wanted
   */
  constructor(kept, { still = matchMedia("(prefers-reduced-motion: reduce)") } = {}) {
    this.kept = kept;
    this.still = still;
    this.on = kept.recall(KEY, false) === true;
    addEventListener("storage", ({ key }) => {
      if (key !== KEY) return;
      this.on = kept.recall(KEY, false) === true;
      this.onSwitched(this.on);
    });
    for (const gesture of ["pointerdown", "keydown"]) {
      addEventListener(gesture, () => this.#wake(), { capture: true, passive: true });
    }
  }

  /** @param {boolean} on */
  switch(on) {
    this.on = on;
    this.kept.remember(KEY, on);
    this.#wake();
    this.play("X");
  }

  /**
   * Only the last tone where motion is not wanted.
   * @param {keyof typeof TUNES} name
   */
  play(name) {
    const context = this.#context;
    if (!this.on || !context) return;
    const tones = this.still.matches ? TUNES[name].slice(-1) : TUNES[name];
    for (const [index, frequency] of tones.entries()) tone(context, frequency, context.currentTime + index * STEP_S);
  }

  #wake() {
    if (!this.on || typeof AudioContext === "undefined") return;
    this.#context ??= new AudioContext();
    if (this.#context.state === "suspended") this.#context.resume();
  }
}

/**
 * @param {AudioContext} context
 * @param {number} frequency
 * @param {number} at seconds, by the context's clock
 */
function tone(context, frequency, at) {
  const oscillator = new OscillatorNode(context, { type: "triangle", frequency });
  const gain = new GainNode(context, { gain: LEVEL });
  gain.gain.setValueAtTime(LEVEL, at);
  gain.gain.exponentialRampToValueAtTime(0.001, at + TONE_S); // a cut would click
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + TONE_S);
}
