// The page of an invitation: sign up, log in, or only accept; and on to the thread.

import { toWrite } from "../lib/address.js";
import { cookiesNeeded } from "../lib/cookies.js";
import { byId, one, setText } from "../lib/dom.js";
import { runForm, runPasswordToggle, showErrors } from "../lib/form.js";
import { knownAccount, newAccount } from "../models/account_forms.js";
import { nobodyIsHere, enter as noteLogin } from "../models/traces.js";
import { acceptInvite, logIn, signUp, statusOf } from "../net/api.js";

const token = location.pathname.split("/")[2];
const { me } = document.body.dataset;
let loggedIn = me !== undefined;

/** The address of this page is a secret: it does not stay in the history of the browser. */
async function accept() {
  const { username } = await acceptInvite({ token });
  location.replace(toWrite(username));
}

/**
 * Accepts as somebody who is logged in first, once: if accepting fails, only that is tried again.
 * @param {() => Promise<Wire.Me>} logIn
 */
async function enter(logIn) {
  if (!loggedIn) {
    const { username } = await logIn();
    loggedIn = true;
    await noteLogin(username);
  }
  await accept();
}

/**
 * It is over, or this browser's own: the page says so.
 * @param {unknown} error
 */
function isOver(error) {
  const over = [404, 410].includes(statusOf(error) ?? 0);
  if (over) location.reload();
  return over;
}

/** @param {unknown} error */
const otherwise = (error) => (isOver(error) ? {} : null);

if (me === undefined) nobodyIsHere().then(runGuest);
else runForm(byId("accept-form", HTMLFormElement), { send: accept, explain: otherwise });

/** One form for who is new and for who has an account. */
function runGuest() {
  let isNew = true;
  const form = byId("guest-form", HTMLFormElement);
  const [username, password] = [byId("username", HTMLInputElement), byId("password", HTMLInputElement)];
  const forNew = [byId("how"), .../** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[id$=-hint]"))];
  const account = () => (isNew ? newAccount : knownAccount);

  function switchOver() {
    isNew = !isNew;
    for (const part of forNew) part.hidden = !isNew;
    password.autocomplete = isNew ? "new-password" : "current-password";
    setText(byId("go"), isNew ? "Sign up" : "Log in");
    setText(byId("otherwise"), isNew ? "Been here before?" : "New here?");
    setText(byId("switch"), isNew ? "Log in" : "Sign up");
    setText(one(form, "[role=alert]"), "");
    showErrors(form, {});
    username.focus();
  }
  byId("switch").addEventListener("click", switchOver);
  runPasswordToggle(byId("show-password", HTMLButtonElement));
  runForm(form, {
    missing: cookiesNeeded,
    check: ({ username, password }) => account().check({ username, password }),
    explain: (error) => account().explain(error) ?? otherwise(error),
    send: ({ username, password }) =>
      enter(() =>
        isNew
          ? signUp({ username: username.trim(), password, invite: token })
          : logIn({ username: username.trim(), password }),
      ),
  });
  username.focus();
}
