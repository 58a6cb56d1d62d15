import { cookiesNeeded } from "../lib/cookies.js";
import { byId } from "../lib/dom.js";
import { runForm, runPasswordToggle } from "../lib/form.js";
import { onward } from "../lib/onward.js";
import { newAccount } from "../models/account_forms.js";
import { enter, nobodyIsHere } from "../models/traces.js";
import { signUp } from "../net/api.js";

const wiped = nobodyIsHere();
runPasswordToggle(byId("show-password"));

runForm(byId("signup-form"), {
  missing: cookiesNeeded,
  ...newAccount,
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
