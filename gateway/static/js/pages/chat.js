// The chat: models, what joins them, views, and which thread is open. Everything is wired here.

import { Announcer } from "../games/views/announcer.js";
import { GameSound } from "../games/views/game_sound.js";
import { OfferDialog } from "../games/views/offer_dialog.js";
import { PastDialog } from "../games/views/past_dialog.js";
import { ResignDialog } from "../games/views/resign.js";
import { linked } from "../lib/address.js";
import { byId } from "../lib/dom.js";
import { entersLines } from "../lib/keys.js";
import { namesOfTwo } from "../lib/names.js";
import { local } from "../lib/storage.js";
import { Deletions } from "../models/deletions.js";
import { Deliveries } from "../models/deliveries.js";
import { Drafts } from "../models/drafts.js";
import { textOf } from "../models/entries.js";
import { GameCalls } from "../models/game_calls.js";
import { GameLoader } from "../models/game_loader.js";
import { Games } from "../models/games.js";
import { History } from "../models/history.js";
import { Inbox } from "../models/inbox.js";
import { knownLog } from "../models/known_log.js";
import { onOtherLogin } from "../models/logins.js";
import { lookUp } from "../models/look_up.js";
import { Outbox } from "../models/outbox.js";
import { Search } from "../models/search.js";
import { Store } from "../models/store.js";
import { runSync } from "../models/sync.js";
import { Tabs } from "../models/tabs.js";
import * as api from "../net/api.js";
import { Outage } from "../net/outage.js";
import { SESSION_ENDED, Socket } from "../net/socket.js";
import { Sound } from "../tictactoe/views/sound.js";
import { BannerView } from "../views/banner.js";
import { Composer } from "../views/composer.js";
import { Finder } from "../views/finder.js";
import { HeaderView } from "../views/header.js";
import { InboxView } from "../views/inbox.js";
import { runLogout } from "../views/logout.js";
import { Note } from "../views/note.js";
import { PeopleView } from "../views/people.js";
import { ThreadView } from "../views/thread.js";
import { TitleView } from "../views/title.js";
import { Trail } from "../views/trail.js";
import { WayBack } from "../views/way_back.js";

const { me = "", displayName = "", openThread, peerDisplayName = "" } = document.body.dataset;

const store = new Store(me);
const tabs = new Tabs(me);
const socket = new Socket(() => location.pathname);
const outage = new Outage(socket);
const outbox = new Outbox({ owner: me, tabs, send: (frame) => socket.send(frame), log: knownLog(me) });
new Deliveries({ store, send: (frame) => socket.send(frame), leads: () => outbox.leads });
const games = new Games(me);
const gameLoader = new GameLoader({ games, store });
const gameCalls = new GameCalls({ games });
const history = new History({ store, socket, games: gameLoader });
const inbox = new Inbox(store);
runSync({
  me,
  socket,
  store,
  outbox,
  inbox,
  history,
  games,
  gameLoader,
  gameCalls,
  stranger: () => location.assign("/messages"),
});

/** @param {string} username */
const namesOf = (username) => namesOfTwo(store.thread(username), { username: me, display_name: displayName });
const note = new Note();
const composer = new Composer({
  drafts: new Drafts(me, tabs),
  onSend: send,
  onEdit: (username, target, text) => outbox.change(username, "edit", { target, text }),
  onGone: () => note.complain("The message that you were editing is deleted."),
  onEditLast: () => thread.editLast(),
  onTyping: (thread) => socket.send({ type: "typing", thread }),
  quoted(username, target) {
    const message = typeof target === "number" ? store.thread(username).hold(target) : written(username, target);
    return { name: namesOf(username)[message?.sender ?? ""] ?? "", text: message?.text ?? null };
  },
});
/**
 * An own message that had no seq when somebody began to edit it; by now it may be in the log.
 * @param {string} username
 * @param {string} clientId
 */
function written(username, clientId) {
  const entry = outbox.of(username).find(({ client_id }) => client_id === clientId);
  if (entry) return { sender: me, text: textOf(entry) };
  return store.thread(username).runs.written(me, clientId);
}
store.on("thread", (username) => composer.refresh(username));
const deletions = new Deletions((username, target) => outbox.change(username, "delete", { target }));
addEventListener("pagehide", () => deletions.now());
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && deletions.now());
const resign = new ResignDialog({ games, calls: gameCalls });
const thread = new ThreadView({
  ...{ me, store, outbox, socket, outage, history, games, gameCalls, namesOf, deletions, composer, note },
  versionsOf: api.pastTexts,
  goTo: (seq) => open !== null && wayBack.go(open, seq),
  onScrolled: () => wayBack.update(),
  resign: (id) => resign.ask(id),
});
const trail = new Trail((move) => wayBack.moved(move));
const wayBack = new WayBack({ places: () => thread.places, open: () => open, show, closeDialogs, trail });
const finder = new Finder({
  search: new Search(store),
  names: (username) => ({ me, names: namesOf(username) }),
  history,
  ...{ wayBack, note },
  onEnd: () => thread.toEnd(),
});
const offer = new OfferDialog({
  offer: (username, body) => gameCalls.offer(username, body),
  onOffered: () => thread.followOwn(),
  onPast: () => past.show(),
});
const past = new PastDialog({ me, namesOf, load: api.threadGames, onNew: () => offer.show() });
const announcer = new Announcer({ me, games, namesOf });
const gameSound = new GameSound({ me, games, sound: new Sound(local) });
const inboxView = new InboxView({ me, store, outbox, inbox, games, onOpen: (username) => navigate(username) });
const views = [
  composer,
  thread,
  new HeaderView({ displayName, store, outage }),
  inboxView,
  announcer,
  gameSound,
  past,
  finder,
];
new TitleView({ store, games });
new BannerView({ socket, outage });
new PeopleView({
  onChoose(person) {
    store.person(person);
    navigate(person.username);
  },
});

/** @type {string | null} a username */
let open = null;

/**
 * @param {string} username
 * @param {string} text
 * @param {number} [replyTo]
 */
function send(username, text, replyTo) {
  outbox.send(username, text, replyTo);
  thread.followOwn();
}

/** They are about what stands on the page. */
function closeDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) dialog.close("");
}

/** @param {string | null} username */
function show(username) {
  const before = open;
  open = username;
  closeDialogs();
  byId("main").dataset.view = username === null ? "inbox" : "thread";
  for (const view of views) view.open(username);
  offer.open(username === null ? null : store.thread(username));
  if (username !== null) lookUp(store, username).catch(console.warn);
  if (username === null && before !== null) inboxView.focus(before);
  else if (username !== null && !entersLines()) composer.focus();
}

/** @param {string | null} username */
function navigate(username) {
  wayBack.clear();
  if (username !== open) trail.push(username);
  show(username);
}
byId("back").addEventListener("click", (event) => {
  event.preventDefault();
  navigate(null);
});

function leave() {
  location.assign(`/login?next=${location.pathname}`);
}
let leaving = false;

/** Leaves if nobody is logged in any more, or somebody else is. (After a new password there is a new session.) */
async function stay() {
  const who = await api.whoAmI().catch((error) => (api.statusOf(error) === 401 ? null : { username: me }));
  if (who?.username === me) return true;
  if (!leaving) leave();
  return false;
}
socket.on("state", async ({ name, code }) => {
  if (name === "ended" && code === SESSION_ENDED && !leaving && (await stay()) && !leaving) socket.start();
});
socket.on("unopened", () => navigator.onLine && stay());
/** @param {string} to a page that is not this person's */
function leaveFor(to) {
  leaving = true;
  socket.stop(SESSION_ENDED);
  location.assign(to);
}
tabs.on("logged-out", () => leaveFor("/login"));
onOtherLogin(me, () => leaveFor("/messages"));
runLogout({
  me,
  tabs,
  held() {
    deletions.now();
    return outbox.unsent;
  },
  before() {
    leaving = true;
    socket.stop(SESSION_ENDED);
  },
  failed() {
    leaving = false;
    socket.start();
  },
});

const first = linked(); // before the address loses it
if (openThread) store.person({ username: openThread, display_name: peerDisplayName });
trail.begin(openThread || null);
show(openThread || null);
if (openThread && first) thread.places.go(first);
socket.start();
inbox.refresh().catch(console.warn);
