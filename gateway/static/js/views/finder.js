import { Search } from "../models/search.js";
import { HitsBar } from "./hits_bar.js";
import { SearchDialog } from "./search_dialog.js";

/** @import { History } from "../models/history.js" */
/** @import { Store } from "../models/store.js" */
/** @import { Names } from "./hit.js" */
/** @import { Note } from "./note.js" */
/** @import { WayBack } from "./way_back.js" */

/** Searching for messages, and going to what was found. */
export class Finder {
  /**
   * @param {object} parts
   * @param {Store} parts.store
   * @param {Names} parts.names
   * @param {History} parts.history
   * @param {WayBack} parts.wayBack
   * @param {() => void} parts.onEnd nothing was written since that day
   * @param {Note} parts.note
   */
  constructor({ store, names, history, wayBack, onEnd, note }) {
    const search = new Search(store);
    this.search = search;
    this.wayBack = wayBack;
    this.dialog = new SearchDialog({
      search,
      names,
      onChoose: (hit) => this.#choose(hit),
      firstFrom: (thread, day) => history.firstFrom(thread, day),
      onDay: (thread, seq) => {
        this.dialog.close();
        if (seq !== null) wayBack.go(thread, seq);
        else {
          onEnd();
          note.say("Nothing was written since that day.");
        }
      },
    });
    new HitsBar({
      search,
      note,
      onStep: (hit) => this.#step(hit),
      onAll: () => this.dialog.show(search.thread !== null),
      onClose: () => {
        wayBack.clear(this.#left);
        search.forget();
      },
    });
  }

  /** @param {boolean} here whether the open thread is searched, or all are */
  show(here) {
    this.dialog.show(here);
  }

  /** @param {string | null} username */
  open(username) {
    this.dialog.open(username);
  }

  /** Somebody is back where they were before they searched, or ends the search where they are. */
  #left = () => this.search.forget();

  /** @param {Wire.Message} hit */
  #choose(hit) {
    this.search.choose(hit);
    this.dialog.close();
    this.wayBack.go(hit.thread, hit.seq, { left: this.#left, again: this.wayBack.has(this.#left) });
  }

  /**
   * Where that one cannot be loaded, one stays at the hit before.
   * @param {Wire.Message} hit
   */
  async #step(hit) {
    const before = this.search.at;
    this.search.choose(hit);
    const arrived = await this.wayBack.go(hit.thread, hit.seq, { again: true });
    if (arrived === false && before && this.search.at === hit) this.search.choose(before);
  }
}
