const MOST = 2000;

/** What messages held answer, by seq; and what else must not go with the messages around it. The latest of it is kept. */
export class Quoted {
  /** @type {Map<number, Wire.Message | null>} null: there is none */
  #messages = new Map();

  /** @param {number} seq */
  get(seq) {
    return this.#messages.get(seq) ?? null;
  }

  /**
   * Whether it is known what is there.
   * @param {number} seq
   */
  has(seq) {
    return this.#messages.has(seq);
  }

  /** @param {Wire.Message[]} messages */
  take(messages) {
    for (const message of messages) {
      const known = this.get(message.seq);
      this.#set(message.seq, known && known.version > message.version ? known : message);
    }
  }

  /** @param {number} seq where no message is */
  takeNone(seq) {
    this.#set(seq, null);
  }

  /**
   * @param {number} seq
   * @param {(message: Wire.Message) => Wire.Message} change
   */
  change(seq, change) {
    const message = this.get(seq);
    if (message) this.#messages.set(seq, change(message));
  }

  /**
   * @param {number} seq
   * @param {Wire.Message | null} message
   */
  #set(seq, message) {
    this.#messages.delete(seq); // what was asked for last comes last
    this.#messages.set(seq, message);
    const [oldest] = this.#messages.keys();
    if (this.#messages.size > MOST) this.#messages.delete(oldest);
  }
}
