import { local, session } from "../lib/storage.js";
import * as api from "./api.js";
import { Controller } from "./controller.js";
import { BadLink, decode } from "./models/link.js";
import { Score } from "./models/score.js";
import { Sound } from "./views/sound.js";

const address = {
  /** @param {string} query */
  of: (query) => `${location.origin}${location.pathname}?${query}`,
  /** The board no longer shows what the address says. */
  forget() {
    if (location.search) history.replaceState(null, "", location.pathname);
  },
};

function fromLink() {
  try {
    return { shared: decode(location.search), badLink: null };
  } catch (error) {
    if (!(error instanceof BadLink)) throw error;
    return { shared: null, badLink: error };
  }
}

new Controller({
  api,
  address,
  score: new Score(session),
  sound: new Sound(local),
}).start(fromLink());
