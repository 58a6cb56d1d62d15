import { enable, onPress } from "../lib/buttons.js";
import { byId, setText } from "../lib/dom.js";
import { plural } from "../lib/text.js";
import { isMessage } from "../models/entries.js";
import { Handover } from "../models/handover.js";
import * as db from "../models/outbox_db.js";
import { wipe } from "../models/traces.js";
import { inWords, logOut, statusOf } from "../net/api.js";

/** @import { Written } from "../models/entries.js" */
/** @import { Tabs } from "../models/tabs.js" */

/**
 * Makes the button "Log out" work: warns when something is unsent, ends the session, wipes what this browser keeps.
 * @param {object} parts
 * @param {string} parts.me
 * @param {Tabs} parts.tabs told when it is done
 * @param {() => Written[]} [parts.held] what this page has not sent; it may be stored nowhere
 * @param {() => void} [parts.before] called before the session is ended
 * @param {() => void} [parts.failed] called when that did not work
 */
export function runLogout({ me, tabs, held = () => [], before = () => {}, failed = () => {} }) {
  const button = byId("log-out", HTMLButtonElement);
  const dialog = byId("unsent", HTMLDialogElement);
  const problem = byId("log-out-problem");

  async function go() {
    enable(button, false);
    before();
    try {
      await logOut();
    } catch (error) {
      if (statusOf(error) !== 401) {
        enable(button, true);
        setText(problem, inWords(error));
        problem.hidden = false;
        failed();
        return;
      }
    }
    tabs.tell("logged-out");
    await wipe();
    location.assign("/login");
  }

  async function unsent() {
    const handover = new Handover(me);
    const kept = [...(await db.all(me).catch(() => [])), ...handover.all(), ...held()];
    const entries = new Map(kept.map((entry) => [entry.client_id, entry]));
    for (const clientId of handover.done.keys()) entries.delete(clientId);
    return [...entries.values()];
  }

  onPress(button, async () => {
    problem.hidden = true;
    const entries = await unsent();
    if (!entries.length) {
      go();
      return;
    }
    const messages = entries.filter(isMessage).length;
    const changes = entries.length - messages;
    const counts = [
      messages && plural(messages, "message", "messages"),
      changes && plural(changes, "change", "changes"),
    ];
    const [are, lost] = entries.length === 1 ? ["is", "it"] : ["are", "them"];
    const words = `${counts.filter(Boolean).join(" and ")} ${are} not sent yet. Logging out loses ${lost}.`;
    setText(byId("unsent-words"), words);
    dialog.returnValue = "";
    dialog.showModal();
  });
  dialog.addEventListener("close", () => dialog.returnValue === "discard" && go());
  for (const choice of dialog.querySelectorAll("button")) {
    choice.addEventListener("click", () => dialog.close(choice.value));
  }
  button.disabled = false;
}
