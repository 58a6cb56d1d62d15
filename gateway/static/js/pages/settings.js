import { passwordError } from "../lib/account_rules.js";
import { avatar } from "../lib/avatar.js";
import { byId, setText } from "../lib/dom.js";
import { runForm } from "../lib/form.js";
import { isBlank } from "../lib/text.js";
import { onOtherLogin } from "../models/logins.js";
import { Push } from "../models/push.js";
import { Seeing } from "../models/seeing.js";
import { Tabs } from "../models/tabs.js";
import { changePassword, changeProfile, changeSettings, settings, statusOf } from "../net/api.js";
import { DevicesView } from "../views/devices.js";
import { runLogout } from "../views/logout.js";
import { PushSwitch } from "../views/push_switch.js";
import { SeeingView } from "../views/seeing.js";

const { me = "", displayName = "" } = document.body.dataset;

const tabs = new Tabs(me);
tabs.on("logged-out", () => location.assign("/login"));
onOtherLogin(me, () => location.reload());
byId("own-avatar").replaceChildren(avatar(me, displayName));
runLogout({ me, tabs });

const nameForm = byId("name-form", HTMLFormElement);
const nameInput = byId("display-name", HTMLInputElement);
nameInput.value = displayName;
const naming = runForm(nameForm, {
  check: ({ display_name }) => ({ display_name: isBlank(display_name) ? "Type a name." : "" }),
  async send({ display_name }) {
    setText(byId("name-saved"), "");
    const now = await changeProfile({ display_name });
    nameInput.value = now.display_name;
    setText(byId("own-name"), now.display_name);
    byId("own-avatar").replaceChildren(avatar(me, now.display_name));
    setText(byId("name-saved"), "Saved.");
    naming.done();
  },
});

const devices = new DevicesView();
devices.load();

new SeeingView(new Seeing({ load: settings, save: changeSettings })).load();

new PushSwitch(new Push()).load();

const form = byId("password-form", HTMLFormElement);
const { done } = runForm(form, {
  check: (values) => ({
    current: values.current ? "" : "Type your current password.",
    new: passwordError(values.new),
  }),
  explain: (error) => (statusOf(error) === 403 ? { current: "That is not your current password." } : null),
  async send(values) {
    setText(byId("password-saved"), "");
    await changePassword({ current: values.current, new: values.new });
    form.reset();
    done();
    setText(byId("password-saved"), "Your password is changed.");
    await devices.load();
  },
});
