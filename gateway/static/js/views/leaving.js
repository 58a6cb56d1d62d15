import { onOtherLogin } from "../models/logins.js";
import { forgetRead } from "../models/traces.js";
import * as api from "../net/api.js";
import { SESSION_ENDED } from "../net/socket.js";
import { runLogout } from "./logout.js";

/** @import { Written } from "../models/entries.js" */
/** @import { Tabs } from "../models/tabs.js" */
/** @import { Socket } from "../net/socket.js" */

/**
 * Leaves the page when its person logs out here or anywhere, or somebody else logs in.
 * @param {object} parts
 * @param {string} parts.me
 * @param {Socket} parts.socket
 * @param {Tabs} parts.tabs
 * @param {() => Written[]} parts.held what this page has not sent; it may be stored nowhere
 * @param {(leaves: boolean) => void} parts.leaving whether this page is about to be left for good
 */
export function runLeaving({ me, socket, tabs, held, leaving }) {
  let leaves = false;

  /** Leaves if nobody is logged in any more, or somebody else is. (After a new password there is a new session.) */
  async function stay() {
    const who = await api.whoAmI().catch((error) => (api.statusOf(error) === 401 ? null : { username: me }));
    if (who?.username === me) return true;
    if (leaves) return false;
    begin();
    if (!who) await forgetRead();
    location.assign(`/login?next=${location.pathname}`);
    return false;
  }

  function begin() {
    leaves = true;
    leaving(true);
    socket.stop(SESSION_ENDED);
  }

  /** @param {string} to a page that is not this person's */
  function leaveFor(to) {
    begin();
    location.assign(to);
  }

  socket.on("state", async ({ name, code }) => {
    if (name === "ended" && code === SESSION_ENDED && !leaves && (await stay()) && !leaves) socket.start();
  });
  socket.on("unopened", () => navigator.onLine && stay());
  tabs.on("logged-out", () => leaveFor("/login"));
  onOtherLogin(me, () => leaveFor("/messages"));
  runLogout({
    me,
    tabs,
    held,
    before: begin,
    failed() {
      leaves = false;
      leaving(false);
      socket.start();
    },
  });
}
