// One call or pause at a time: whatever begins ends what was under way, as if it had never begun.

export class Calls {
  /** @type {AbortController | null} */
  #current = null;

  /**
   * Runs `begin`; resolves to undefined when another call, or `stop`, ended it.
   * @template Answer
   * @param {(signal: AbortSignal) => Promise<Answer>} begin
   */
  async alone(begin) {
    this.stop();
    const call = new AbortController();
    this.#current = call;
    try {
      return await begin(call.signal);
    } catch (error) {
      if (call.signal.aborted) return undefined;
      call.abort();
      throw error;
    } finally {
      if (this.#current === call) this.#current = null;
    }
  }

  stop() {
    this.#current?.abort();
    this.#current = null;
  }
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        reject(signal.reason);
      },
      { once: true },
    );
  });
}
