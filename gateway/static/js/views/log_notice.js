import { AI_THREAD } from "../games/models/state.js";
import { byId, setText } from "../lib/dom.js";
import { isolated } from "../lib/names.js";

/** @import { Thread } from "../models/thread.js" */

/** The line above the log: where it begins, that there is more to load, or that loading failed. */
export class LogNotice {
  /** @param {() => void} onAgain it is to be tried once more */
  constructor(onAgain) {
    this.words = byId("log-notice");
    this.again = byId("log-again");
    this.again.addEventListener("click", onAgain);
  }

  /**
   * @param {Thread} thread
   * @param {boolean} failed
   */
  draw(thread, failed) {
    setText(this.words, failed ? "The messages could not be loaded." : progress(thread));
    this.again.hidden = !failed;
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
