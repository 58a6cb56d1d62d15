import { isOpen, waitsFor } from "../games/models/state.js";
import { Emitter } from "../lib/emitter.js";

/**
 * The games of every thread that this page has heard of: of each the newest state. An entry is {thread, seq, game};
 * seq: of the game's first event, where it stands; null while it is not in the log yet, undefined while unknown.
 * Emits "change" with {thread, before, game}: before is the state known until then, or null.
 */
export class Games extends Emitter {
  #entries = new Map();

  constructor(me) {
    super();
    this.me = me;
  }

  get(id) {
    return this.#entries.get(id) ?? null;
  }

  /** In the order of the thread; those without a place last. */
  of(thread) {
    const entries = [...this.#entries.values()].filter((entry) => entry.thread === thread);
    return entries.sort((one, other) => (one.seq ?? Infinity) - (other.seq ?? Infinity));
  }

  /** The games of a thread that wait for me. */
  waitingIn(thread) {
    return this.of(thread).filter(({ game }) => waitsFor(game, this.me));
  }

  /** How many games wait for me, in all threads. */
  get waiting() {
    return [...this.#entries.values()].filter(({ game }) => waitsFor(game, this.me)).length;
  }

  /** The game changed last in a thread, or null. */
  latest(thread) {
    return this.of(thread).reduce((last, { game }) => (last === null || game.at > last.at ? game : last), null);
  }

  /** Takes a state over unless a newer one is known. */
  take({ thread, seq, game }) {
    const entry = this.#entries.get(game.id);
    const before = entry?.game ?? null;
    const awaited = seq === null || entry?.seq === null;
    const placed = seq ?? entry?.seq ?? (awaited ? null : undefined);
    if (before && before.version >= game.version && placed === entry.seq) return;
    const newest = before && before.version >= game.version ? before : game;
    this.#entries.set(game.id, { thread, seq: placed, game: newest });
    this.emit("change", { thread, before, game: newest });
  }

  /** The open games of all threads, asked for when `known` was what openIds() said. Others of those are over. */
  takeOpen(threadGames, known, isHeld) {
    for (const one of threadGames) this.take(one);
    const open = new Set(threadGames.map(({ game }) => game.id));
    for (const [id, version] of known) {
      const entry = this.#entries.get(id);
      if (open.has(id) || !entry || entry.game.version !== version || isHeld(entry.thread)) continue;
      this.#entries.delete(id);
      this.emit("change", { thread: entry.thread, before: entry.game, game: null });
    }
  }

  /** [[id, version]] of what is offered or being played. */
  openIds() {
    const open = [...this.#entries.values()].filter(({ game }) => isOpen(game));
    return open.map(({ game }) => [game.id, game.version]);
  }

  /** What belongs to a log that is no more; of every thread without `thread`. */
  forget(thread = null) {
    for (const [id, entry] of this.#entries) {
      if (thread !== null && entry.thread !== thread) continue;
      this.#entries.delete(id);
      this.emit("change", { thread: entry.thread, before: entry.game, game: null });
    }
  }
}
