import { cookiesNeeded } from "../lib/cookies.js";
import { byId } from "../lib/dom.js";
import { runForm, runPasswordToggle } from "../lib/form.js";
import { onward } from "../lib/onward.js";
import { knownAccount } from "../models/account_forms.js";
import { enter, nobodyIsHere } from "../models/traces.js";
import { logIn } from "../net/api.js";

const wiped = nobodyIsHere();
runPasswordToggle(byId("show-password"));

runForm(byId("login-form"), {
  missing: cookiesNeeded,
  ...knownAccount,
  async send({ username, password }) {
    const me = await logIn({ username: username.trim(), password });
    await wiped;
    await enter(me.username);
    location.assign(onward(location.search, location.origin));
  },
});
