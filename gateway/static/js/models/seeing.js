import { Emitter } from "../lib/emitter.js";

/** @typedef {keyof Wire.Settings} Name */

/**
 * What one lets others see. Each setting is shown as it was chosen, at once, and as it was where that cannot be saved.
 * Emits what happens to one.
 * @extends {Emitter<{ change: undefined, saved: Name, failed: unknown }>}
 */
export class Seeing extends Emitter {
  /** @type {Wire.Settings | null} null: not known yet */
  shown = null;
  /** @type {Wire.Settings | null} as the server has them */
  #kept = null;
  /** @type {Set<Name>} */
  #saving = new Set();
  #load;
  #save;
  /** @type {Promise<unknown> | null} the call under way: each answer holds all settings, and none may overtake another */
  #call = null;

  /**
   * @param {object} parts
   * @param {() => Promise<Wire.Settings>} parts.load
   * @param {(changes: Wire.ChangeSettings) => Promise<Wire.Settings>} parts.save
   */
  constructor({ load, save }) {
    super();
    this.#load = load;
    this.#save = save;
  }

  async load() {
    try {
      this.#take(await this.#load());
    } catch (error) {
      this.emit("failed", error);
    }
  }

  /**
   * One call at a time: what is chosen meanwhile is saved after it, if it is still wanted then.
   * @param {Name} name
   * @param {boolean} on
   */
  async choose(name, on) {
    if (!this.shown) return;
    this.shown[name] = on;
    this.emit("change");
    if (this.#saving.has(name)) return;
    this.#saving.add(name);
    try {
      while (this.shown[name] !== this.#kept?.[name]) await this.#next(name);
      this.emit("saved", name);
    } catch (error) {
      if (this.#kept) this.shown[name] = this.#kept[name];
      this.emit("change");
      this.emit("failed", error);
    } finally {
      this.#saving.delete(name);
    }
  }

  /**
   * Saves one, after what is being saved.
   * @param {Name} name
   */
  async #next(name) {
    while (this.#call) await this.#call.catch(() => {});
    const call = this.#save({ [name]: this.shown?.[name] });
    this.#call = call;
    try {
      this.#take(await call);
    } finally {
      this.#call = null;
    }
  }

  /**
   * Shows what the server has, but for what is being saved.
   * @param {Wire.Settings} kept
   */
  #take(kept) {
    const wanted = [...this.#saving].map((name) => [name, this.shown?.[name]]);
    this.#kept = kept;
    this.shown = { ...kept, ...Object.fromEntries(wanted) };
    this.emit("change");
  }
}
