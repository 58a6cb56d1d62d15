import { lengthOf, VOICE } from "../lib/attached.js";
import { byId, setText } from "../lib/dom.js";
import { lately, peaksOf } from "../lib/peaks.js";
import { endingOf, MOST_S, Recording } from "../lib/recording.js";
import { redrawWave, waveNode } from "./wave.js";

/** @typedef {{ duration: number, peaks: string }} Heard how long it is, and how loud */

const REFUSED = "Duet may not use the microphone. Allow it in the browser's settings for this page, and try again.";
const NONE = "No microphone was found.";
const OVER = "The recording is over. Send it, or cancel.";

/** In the place of the field while a voice message is recorded. */
export class Recorder {
  /** @type {Recording | null} */
  #recording = null;
  /** @type {string | null} the thread that it is for */
  #thread = null;
  #asking = false;

  /**
   * @param {object} does
   * @param {(thread: string, sound: File, heard: Heard) => void} does.onSend
   * @param {(words: string) => void} does.complain
   * @param {() => void} does.onEnd the field is there again
   */
  constructor({ onSend, complain, onEnd }) {
    this.onSend = onSend;
    this.complain = complain;
    this.onEnd = onEnd;
    this.bar = byId("recorder");
    this.composer = byId("composer");
    this.meter = byId("recorder-level", HTMLMeterElement);
    this.wave = waveNode(lately([]), "recorder-wave");
    this.meter.after(this.wave);
    this.time = byId("recorder-time");
    this.said = byId("recorder-said");
    this.send = byId("recorder-send");
    byId("recorder-cancel").addEventListener("click", () => this.#end());
    this.send.addEventListener("click", () => this.#finish());
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || !this.#recording) return;
      event.preventDefault();
      this.#end();
    });
  }

  /** @param {string} thread a username: the one that is open when the microphone is there */
  async begin(thread) {
    if (this.#recording) return;
    this.#thread = thread;
    if (this.#asking) return;
    this.#asking = true;
    try {
      const recording = await Recording.begin();
      if (this.#thread !== null) this.#show(recording);
      else recording.end();
    } catch (error) {
      this.complain(error instanceof DOMException && error.name === "NotFoundError" ? NONE : REFUSED);
    }
    this.#asking = false;
  }

  /**
   * Another thread is open: what was said is for nobody there.
   * @param {string | null} thread
   */
  open(thread) {
    if (thread === this.#thread) return;
    this.#thread = null;
    this.#end();
  }

  /** @param {Recording} recording */
  #show(recording) {
    this.#recording = recording;
    this.composer.classList.add("recording");
    this.bar.hidden = false;
    this.bar.classList.remove("over");
    setText(this.said, "Recording");
    this.send.focus();
    this.#draw();
  }

  #draw() {
    const recording = this.#recording;
    if (!recording) return;
    this.meter.value = recording.levels.at(-1) ?? 0;
    redrawWave(this.wave, lately(recording.levels));
    setText(this.time, `${lengthOf(recording.length)} of ${lengthOf(MOST_S)}`);
    this.bar.classList.toggle("over", recording.isOver);
    if (recording.isOver) setText(this.said, OVER);
    else requestAnimationFrame(() => this.#draw());
  }

  async #finish() {
    const [thread, recording] = [this.#thread, this.#recording];
    const sound = await this.#end();
    if (!recording || !sound?.size || thread === null) return;
    const { length: duration, levels } = recording;
    const file = new File([sound], `${VOICE}.${endingOf(sound)}`, { type: sound.type });
    this.onSend(thread, file, { duration, peaks: peaksOf(levels) });
  }

  /** → what was recorded. */
  async #end() {
    const recording = this.#recording;
    if (!recording) return null;
    this.#recording = null;
    this.bar.hidden = true;
    this.composer.classList.remove("recording");
    setText(this.said, "");
    this.onEnd();
    return recording.end();
  }
}
