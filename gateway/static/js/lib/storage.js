// What the browser remembers for us. All of it is a convenience: if its storage is full, forbidden or missing, nothing
// is remembered and everything else still works.

export class Kept {
  #name;

  /** @param {"localStorage" | "sessionStorage"} name a property of the window; with some settings even looking at it throws */
  constructor(name) {
    this.#name = name;
  }

  /**
   * The text kept under `key`, or null.
   * @param {string} key
   */
  get(key) {
    return this.#use((kept) => kept.getItem(key), null);
  }

  /**
   * Whether the text is kept from now on.
   * @param {string} key
   * @param {string} text
   */
  set(key, text) {
    return this.#use((kept) => {
      kept.setItem(key, text);
      return true;
    }, false);
  }

  /** @param {string} key */
  remove(key) {
    this.#use((kept) => kept.removeItem(key), undefined);
  }

  clear() {
    this.#use((kept) => kept.clear(), undefined);
  }

  /**
   * The keys that begin with `prefix`, sorted.
   * @param {string} prefix
   * @returns {string[]}
   */
  keys(prefix) {
    return this.#use(
      (kept) =>
        Object.keys(kept)
          .filter((key) => key.startsWith(prefix))
          .sort(),
      [],
    );
  }

  /**
   * The JSON value kept under `key`, or `otherwise` where nothing sensible is.
   * @param {string} key
   * @param {unknown} otherwise
   * @returns {unknown}
   */
  recall(key, otherwise) {
    try {
      return JSON.parse(this.get(key) ?? "null") ?? otherwise;
    } catch {
      return otherwise;
    }
  }

  /**
   * @param {string} key
   * @param {unknown} value
   */
  remember(key, value) {
    return this.set(key, JSON.stringify(value));
  }

  /**
   * @template Used
   * @template Otherwise
   * @param {(kept: Storage) => Used} use
   * @param {Otherwise} otherwise
   */
  #use(use, otherwise) {
    try {
      return use(window[this.#name]);
    } catch {
      return otherwise;
    }
  }
}

/** Shared by all tabs, for good. */
export const local = new Kept("localStorage");

/** Of this tab. */
export const session = new Kept("sessionStorage");
