import { cookiesNeeded } from "../lib/cookies.js";
import { byId } from "../lib/dom.js";
import { runForm, runPasswordToggle } from "../lib/form.js";
import { onward } from "../lib/onward.js";
import { enter, nobodyIsHere } from "../models/traces.js";
import { logIn, statusOf } from "../net/api.js";

const wiped = nobodyIsHere();
runPasswordToggle(byId("show-password"));

runForm(byId("login-form"), {
  missing: cookiesNeeded,
  check: ({ username, password }) => ({
    username: username.trim() ? "" : "Type your name.",
    password: password ? "" : "Type your password.",
  }),
  explain: (error) => ([401, 422].includes(statusOf(error) ?? 0) ? { password: "Wrong name or password." } : null),
  async send({ username, password }) {
    const me = await logIn({ username: username.trim(), password });
    await wiped;
    await enter(me.username);
    location.assign(onward(location.search, location.origin));
  },
});
