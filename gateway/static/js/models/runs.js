// The parts of a thread's log that are held. Pure.

/** A run of more than MOST messages keeps what is in sight and AROUND messages on either side; and the newest AROUND. */
export const MOST = 600;
export const AROUND = 250;

/**
 * All messages with a seq from `from` to `to`. from 1: there is nothing before it; to Infinity: it is live.
 * @typedef {{ messages: Wire.Message[], from: number, to: number }} Run
 */
/** @typedef {{ first: number, last: number } | null} Sight the seqs that somebody looks at; null: the end */

/**
 * The live run, and at most one other: where somebody reads far from the end. They join when they meet. Neither ever has
 * a gap, so that what is shown has none.
 */
export class Runs {
  /** @type {Run} */
  live = { messages: [], from: Infinity, to: Infinity };
  /** @type {Run | null} */
  far = null;
  /** @type {Sight} */
  #sight = null;

  get shown() {
    return this.far ?? this.live;
  }

  /**
   * @param {Wire.Message[]} messages the newest
   * @param {boolean} complete whether they are all there are
   */
  newest(messages, complete) {
    this.live = { messages, from: startOf(messages, complete), to: Infinity };
  }

  /** @param {Wire.Message} message a new one */
  arrived(message) {
    const { messages } = this.live;
    if (message.seq <= (messages.at(-1)?.seq ?? 0)) return;
    messages.push(message);
    this.#letGo();
  }

  /**
   * Shows the run that holds `seq`, if there is one.
   * @param {number} seq
   */
  show(seq) {
    if (seq >= this.live.from) this.far = null;
    return this.shown.from <= seq && seq <= this.shown.to;
  }

  /**
   * Shows another run in the place of the far one.
   * @param {Run} run
   * @param {number} seq somewhere in it, where somebody wants to look
   */
  open(run, seq) {
    this.far = run;
    this.#sight = { first: seq, last: seq };
    this.#join();
  }

  /** Back to the end. */
  toEnd() {
    this.far = null;
    this.look(null);
  }

  /**
   * The messages before the run that is shown, unless that begins elsewhere by now.
   * @param {number} before where it began when they were asked for
   * @param {Wire.Message[]} messages
   * @param {boolean} complete whether there are none before them
   */
  older(before, messages, complete) {
    if (this.shown.from !== before) return;
    this.shown.messages = [...messages, ...this.shown.messages];
    this.shown.from = startOf(messages, complete);
    this.#letGo();
  }

  /**
   * The messages behind the far run, unless that ends elsewhere by now.
   * @param {number} after where it ended when they were asked for
   * @param {Wire.Message[]} messages
   * @param {number} to how far they reach
   */
  newer(after, messages, to) {
    if (this.far?.to !== after) return;
    this.far.messages = [...this.far.messages, ...messages];
    this.far.to = to;
    this.#join();
    this.#letGo();
  }

  /**
   * Notes what somebody looks at; what is far from there may be let go. Whether something was.
   * @param {Sight} sight
   */
  look(sight) {
    const before = this.shown;
    this.#sight = sight;
    this.#letGo();
    return this.shown !== before;
  }

  /** @param {number} seq */
  find(seq) {
    for (const { messages } of this.#all) {
      const at = indexFrom(messages, seq);
      if (messages[at]?.seq === seq) return messages[at];
    }
    return null;
  }

  /**
   * The message that was sent with it, shown or not.
   * @param {string} sender
   * @param {string} clientId
   */
  written(sender, clientId) {
    const isIt = (/** @type {Wire.Message} */ one) => one.client_id === clientId && one.sender === sender;
    return this.#all.flatMap(({ messages }) => messages.findLast(isIt) ?? [])[0];
  }

  /**
   * @param {number} seq
   * @param {(message: Wire.Message) => Wire.Message} change
   */
  change(seq, change) {
    for (const { messages } of this.#all) {
      const at = indexFrom(messages, seq);
      if (messages[at]?.seq === seq) messages[at] = change(messages[at]);
    }
  }

  get #all() {
    return this.far ? [this.live, this.far] : [this.live];
  }

  #join() {
    const { far, live } = this;
    if (!far || far.to < live.from - 1) return;
    const before = far.messages.slice(0, indexFrom(far.messages, live.from));
    this.live = { messages: [...before, ...live.messages], from: Math.min(far.from, live.from), to: Infinity };
    this.far = null;
  }

  #letGo() {
    const { live, far } = this;
    const count = live.messages.length;
    const end = part(live, count - AROUND, count);
    if (far) {
      if (far.messages.length > MOST) this.far = part(far, ...this.#near(far));
      if (count > MOST) this.live = end;
      return;
    }
    if (count <= MOST) return;
    const [first, last] = this.#near(live);
    if (last >= count - AROUND) {
      this.live = part(live, first, count);
      return;
    }
    // Far above the end, which is another run from now on: what lies between is loaded again when somebody comes there.
    this.far = part(live, first, last);
    this.live = end;
  }

  /**
   * Where what is near to the sight begins and ends in a run.
   * @param {Run} run
   * @returns {[number, number]}
   */
  #near({ messages }) {
    const { first, last } = this.#sight ?? { first: Infinity, last: Infinity };
    return [
      Math.max(0, indexFrom(messages, first) - AROUND),
      Math.min(messages.length, indexFrom(messages, last + 1) + AROUND),
    ];
  }
}

/**
 * Where a page begins.
 * @param {Wire.Message[]} messages
 * @param {boolean} complete
 */
const startOf = (messages, complete) => (complete ? 1 : messages[0].seq);

/**
 * The messages of a run from one place to before another.
 * @param {Run} run
 * @param {number} start
 * @param {number} end
 * @returns {Run}
 */
function part({ messages, from, to }, start, end) {
  const held = messages.slice(start, end);
  return {
    messages: held,
    from: start > 0 ? held[0].seq : from,
    to: end < messages.length ? (held.at(-1)?.seq ?? to) : to,
  };
}

/**
 * Where the first message from `seq` on stands, or would.
 * @param {Wire.Message[]} messages
 * @param {number} seq
 */
function indexFrom(messages, seq) {
  let from = 0;
  let to = messages.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (messages[middle].seq < seq) from = middle + 1;
    else to = middle;
  }
  return from;
}
