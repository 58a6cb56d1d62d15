/** @typedef {Wire.ChangeState & { archived_through?: number }} Patch archived_through: as this page expects it */

/** @type {Wire.MemberState} */
const NONE = { revision: 0 };

/** What one keeps about a thread for oneself: as the server has it, and as it will be with what is on its way there. */
export class OwnState {
  kept = NONE;
  /** Whether the server has said it at all. */
  told = false;
  /** It is marked unread no more, which the server does not know yet. */
  ending = false;
  /** @type {Patch[]} in order */
  #waiting = [];

  /**
   * What the server says. News that others have overtaken changes nothing.
   * @param {Wire.MemberState} [state] undefined: nothing was ever kept
   */
  take(state = NONE) {
    if (state.revision < this.kept.revision) return;
    this.kept = state;
    this.told = true;
    if (!state.marked_unread) this.ending = false;
  }

  /** @param {Patch} patch on its way */
  begin(patch) {
    this.#waiting.push(patch);
  }

  /** @param {Patch} patch it arrived, or was refused */
  end(patch) {
    this.#waiting = this.#waiting.filter((other) => other !== patch);
  }

  get #now() {
    const { draft: _, ...kept } = this.kept;
    return /** @type {Patch} */ (Object.assign(kept, ...this.#waiting));
  }

  /** @param {number} now */
  isMuted(now) {
    const until = this.#now.muted_until;
    return until === "forever" || (Boolean(until) && Date.parse(until ?? "") > now);
  }

  /**
   * "until-new" ends with the first message after those that were there.
   * @param {number} last the seq of the last message
   * @returns {"always" | "until-new" | null}
   */
  archived(last) {
    const { archived = null, archived_through = Infinity } = this.#now;
    return archived === "until-new" && last > archived_through ? null : archived;
  }

  get isMarked() {
    return Boolean(this.#now.marked_unread) && !this.ending;
  }

  /** When it is muted no more, in ms; null: nobody knows. */
  get mutedUntil() {
    return Date.parse(this.#now.muted_until ?? "") || null;
  }
}
