/** How far a device of each of the two is known to hold a thread. */
export class Delivered {
  mine = 0;
  peers = 0;
  /** The peer's last message that is here. */
  #received = 0;

  /** @param {Pick<Wire.ThreadState, "delivered" | "peer_delivered">} state */
  take({ delivered, peer_delivered }) {
    this.toMe(delivered);
    this.toPeer(peer_delivered);
  }

  /** @param {number} seq */
  toMe(seq) {
    this.mine = Math.max(this.mine, seq);
  }

  /** @param {number} seq */
  toPeer(seq) {
    this.peers = Math.max(this.peers, seq);
  }

  /**
   * They are here.
   * @param {Wire.Message[]} messages
   * @param {string} me
   */
  receive(messages, me) {
    const last = messages.findLast(({ sender }) => sender !== me);
    this.#received = Math.max(this.#received, last?.seq ?? 0);
  }

  /**
   * The peer's last message, if it is here and nobody knows; else 0.
   * @param {number} read how far I have read
   */
  untold(read) {
    return this.#received > Math.max(this.mine, read) ? this.#received : 0;
  }
}
