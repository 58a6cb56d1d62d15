// What a microphone hears, as a file.

import { KINDS } from "./recordable.js";

const BITS_PER_SECOND = 32_000;
const LOUD = 4;
const LISTENS_EVERY_MS = 50;
export const MOST_S = 300;
/** @type {Record<string, string>} */
const ENDINGS = { "audio/webm": "webm", "audio/ogg": "ogg", "audio/mp4": "m4a" };

/**
 * A recording from its first moment to its end; `begin` asks for the microphone, which may be refused. It is over by
 * itself after five minutes, or when the microphone is taken away.
 */
export class Recording {
  /** @type {Blob[]} */
  #parts = [];
  /** @type {number | null} */
  #over = null;

  /** @param {MediaStream} stream */
  constructor(stream) {
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    /** @type {number[]} how loud it was, from 0 to 1, at equal distances */
    this.levels = [];
    this.stream = stream;
    this.recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND });
    this.recorder.addEventListener("dataavailable", ({ data }) => this.#parts.push(data));
    this.stopped = new Promise((resolve) => this.recorder.addEventListener("stop", resolve));
    this.recorder.addEventListener("stop", () => this.#stop());
    this.began = performance.now();
    this.context = new AudioContext();
    this.context.resume().catch(console.warn);
    this.analyser = this.context.createAnalyser();
    this.context.createMediaStreamSource(stream).connect(this.analyser);
    this.listening = setInterval(() => this.levels.push(this.#level()), LISTENS_EVERY_MS);
    this.limit = setTimeout(() => this.#stop(), MOST_S * 1000);
    this.recorder.start();
  }

  static async begin() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    try {
      return new Recording(stream);
    } catch (error) {
      letGo(stream);
      throw error;
    }
  }

  /** In seconds. */
  get length() {
    return Math.min(MOST_S, ((this.#over ?? performance.now()) - this.began) / 1000);
  }

  get isOver() {
    return this.#over !== null;
  }

  /**
   * Lets the microphone go. → the file
   * @returns {Promise<Blob>}
   */
  async end() {
    this.#stop();
    await this.stopped;
    return new Blob(this.#parts, { type: this.recorder.mimeType.split(";")[0] });
  }

  #stop() {
    if (this.#over !== null) return;
    this.#over = performance.now();
    clearInterval(this.listening);
    clearTimeout(this.limit);
    if (this.recorder.state !== "inactive") this.recorder.stop();
    letGo(this.stream);
    this.context.close().catch(console.warn);
  }

  #level() {
    const samples = new Float32Array(this.analyser.fftSize);
    this.analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    return Math.min(1, Math.sqrt(power) * LOUD);
  }
}

/** @param {MediaStream} stream of a microphone, which is in use no more */
function letGo(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** @param {Blob} sound */
export const endingOf = ({ type }) => ENDINGS[type] ?? "audio";
