const FIRST_S = 0.5;
const MAX_S = 30;

/** Full jitter: the n-th wait (n from 0) is uniform in 0 … min(30 s, 0.5 s · 2ⁿ). */
export class Backoff {
  #failures = 0;

  constructor(random = Math.random) {
    this.random = random;
  }

  /** Milliseconds to wait before the next try. */
  next() {
    const ceiling = Math.min(MAX_S, FIRST_S * 2 ** this.#failures);
    this.#failures += 1;
    return Math.round(this.random() * ceiling * 1000);
  }

  reset() {
    this.#failures = 0;
  }
}
