import { passwordError, usernameError } from "../lib/account_rules.js";
import { cookiesNeeded } from "../lib/cookies.js";
import { byId } from "../lib/dom.js";
import { runForm, runPasswordToggle } from "../lib/form.js";
import { onward } from "../lib/onward.js";
import { enter, nobodyIsHere } from "../models/traces.js";
import { signUp, statusOf } from "../net/api.js";

const wiped = nobodyIsHere();
runPasswordToggle(byId("show-password"));

runForm(byId("signup-form"), {
  missing: cookiesNeeded,
  check: ({ username, password }) => ({ username: usernameError(username.trim()), password: passwordError(password) }),
  explain: (error) => (statusOf(error) === 409 ? { username: "That name is taken." } : null),
  async send({ username, password, display_name }) {
    /** @type {Wire.SignUp} */
    const account = { username: username.trim(), password };
    if (display_name.trim()) account.display_name = display_name.trim();
    const me = await signUp(account);
    await wiped;
    await enter(me.username);
    location.assign(onward(location.search, location.origin));
  },
});
