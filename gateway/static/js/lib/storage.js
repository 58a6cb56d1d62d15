// What the browser remembers for us. All of it is a convenience: where its storage is full, forbidden or missing,
// nothing is remembered and everything else goes on.

class Kept {
  #name;

  /** name: a property of the window; with some settings even looking at it throws. */
  constructor(name) {
    this.#name = name;
  }

  /** The text kept under `key`, or null. */
  get(key) {
    return this.#use((kept) => kept.getItem(key), null);
  }

  /** Whether the text is kept from now on. */
  set(key, text) {
    return this.#use((kept) => {
      kept.setItem(key, text);
      return true;
    }, false);
  }

  remove(key) {
    this.#use((kept) => kept.removeItem(key));
  }

  /** The keys that begin with `prefix`, sorted. */
  keys(prefix) {
    return this.#use((kept) => Object.keys(kept).filter((key) => key.startsWith(prefix)).sort(), []);
  }

  /** The JSON value kept under `key`, or `otherwise` where nothing sensible is. */
  recall(key, otherwise) {
    try {
      return JSON.parse(this.get(key)) ?? otherwise;
    } catch {
      return otherwise;
    }
  }

  remember(key, value) {
    return this.set(key, JSON.stringify(value));
  }

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
