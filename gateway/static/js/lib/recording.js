// What a microphone hears, as a file.

const KINDS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const BITS_PER_SECOND = 32_000;
const LOUD = 4;
/** @type {Record<string, string>} */
const ENDINGS = { "audio/webm": "webm", "audio/ogg": "ogg", "audio/mp4": "m4a" };

/** Whether this browser can: it lets no page without encryption listen. */
export const canRecord = () =>
  Boolean(navigator.mediaDevices && "MediaRecorder" in globalThis && KINDS.some(MediaRecorder.isTypeSupported));

/** A recording from its first moment to its end; `begin` asks for the microphone, which may be refused. */
export class Recording {
  /** @type {Blob[]} */
  #parts = [];

  /** @param {MediaStream} stream */
  constructor(stream) {
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    this.stream = stream;
    this.recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND });
    this.recorder.addEventListener("dataavailable", ({ data }) => this.#parts.push(data));
    this.began = performance.now();
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.context.createMediaStreamSource(stream).connect(this.analyser);
    this.recorder.start();
  }

  static async begin() {
    return new Recording(await navigator.mediaDevices.getUserMedia({ audio: true }));
  }

  /** In seconds. */
  get length() {
    return (performance.now() - this.began) / 1000;
  }

  /** How loud it is now, from 0 to 1. */
  get level() {
    const samples = new Float32Array(this.analyser.fftSize);
    this.analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    return Math.min(1, Math.sqrt(power) * LOUD);
  }

  /**
   * Lets the microphone go. → the file
   * @returns {Promise<Blob>}
   */
  end() {
    return new Promise((resolve) => {
      const type = this.recorder.mimeType.split(";")[0];
      this.recorder.addEventListener("stop", () => resolve(new Blob(this.#parts, { type })));
      this.recorder.stop();
      for (const track of this.stream.getTracks()) track.stop();
      this.context.close();
    });
  }
}

/** @param {Blob} sound */
export const endingOf = ({ type }) => ENDINGS[type] ?? "audio";
