import { AI_THREAD } from "../games/models/state.js";
import { byId, setText } from "../lib/dom.js";
import { isolated } from "../lib/names.js";

/** @import { Thread } from "../models/thread.js" */

const FAILED = "The messages could not be loaded.";

/** The lines above and below the log: where it begins, that there is more to load, or that loading failed. */
export class LogNotice {
  /** @param {() => void} onAgain it is to be tried once more */
  constructor(onAgain) {
    this.words = byId("log-notice");
    this.again = byId("log-again");
    this.below = byId("log-below");
    this.belowWords = byId("log-below-words");
    this.belowAgain = byId("log-below-again");
    for (const again of [this.again, this.belowAgain]) again.addEventListener("click", onAgain);
  }

  /**
   * @param {Thread} thread
   * @param {boolean} failed
   */
  draw(thread, failed) {
    setText(this.words, failed ? FAILED : progress(thread));
    setText(this.belowWords, failed ? FAILED : "Loading newer messages…");
    this.below.hidden = !thread.far;
    for (const again of [this.again, this.belowAgain]) again.hidden = !failed;
  }
}

/** @param {Thread} thread */
function progress(thread) {
  if (!thread.loaded) return "Loading messages…";
  if (!thread.complete) return "Loading older messages…";
  const name = isolated(thread.display_name);
  if (thread.exists || thread.messages.length) return `This is the start of your chat with ${name}.`;
  if (thread.username === AI_THREAD) return "Nothing here yet. Start a game with the AI above.";
  return `Nothing here yet. Say hello to ${name}.`;
}
