// The chat: models, what joins them, views, and which thread is open. Everything is wired here.

import { Announcer } from "../games/views/announcer.js";
import { GameSound } from "../games/views/game_sound.js";
import { ResignDialog } from "../games/views/resign.js";
import { isToBegin, isToWrite, linked, sharedText } from "../lib/address.js";
import { MAX_ATTACHMENTS } from "../lib/attached.js";
import { onHidden } from "../lib/attention.js";
import { byId } from "../lib/dom.js";
import { entersLines } from "../lib/keys.js";
import { isolated, namesOfTwo } from "../lib/names.js";
import { forgetParts, Part, prepareParts } from "../lib/part.js";
import { here, notePerson } from "../lib/person.js";
import { local } from "../lib/storage.js";
import { uuid7 } from "../lib/uuid.js";
import { Deletions } from "../models/deletions.js";
import { Deliveries } from "../models/deliveries.js";
import { Drafts } from "../models/drafts.js";
import { Edits } from "../models/edits.js";
import { GameCalls } from "../models/game_calls.js";
import { GameLoader } from "../models/game_loader.js";
import { Games } from "../models/games.js";
import { History } from "../models/history.js";
import { Inbox } from "../models/inbox.js";
import { Keeper } from "../models/keeper.js";
import { keptPage, keptRows } from "../models/kept.js";
import { knownLog } from "../models/known_log.js";
import { lookUp } from "../models/look_up.js";
import { Notices } from "../models/notices.js";
import { Outbox } from "../models/outbox.js";
import { OwnStates } from "../models/own_states.js";
import { Push } from "../models/push.js";
import { quotations } from "../models/quotations.js";
import { FULL_WELCOME, Store } from "../models/store.js";
import { runSync } from "../models/sync.js";
import { Tabs } from "../models/tabs.js";
import { onlyOf } from "../models/traces.js";
import { Trays } from "../models/trays.js";
import { Uploads } from "../models/uploads.js";
import { registerLater } from "../models/worker_registration.js";
import * as api from "../net/api.js";
import { Outage } from "../net/outage.js";
import { Socket } from "../net/socket.js";
import { Sound } from "../tictactoe/views/sound.js";
import { runAttaching } from "../views/attach.js";
import { BannerView } from "../views/banner.js";
import { ChatOptions } from "../views/chat_options.js";
import { Composer } from "../views/composer.js";
import { HeaderView } from "../views/header.js";
import { Hint } from "../views/hint.js";
import { InboxView } from "../views/inbox.js";
import { runLeaving } from "../views/leaving.js";
import { Note } from "../views/note.js";
import { OtherDraft } from "../views/other_draft.js";
import { runSearchKeys } from "../views/search_keys.js";
import { Shared } from "../views/shared.js";
import { ThreadView } from "../views/thread.js";
import { TitleView } from "../views/title.js";
import { Trail } from "../views/trail.js";
import { Tray } from "../views/tray.js";
import { WayBack } from "../views/way_back.js";
import { onWorkerCalls } from "../views/worker_calls.js";

/** @import { File } from "../models/entries.js" */

const { me, displayName, openThread, peerDisplayName, since } = here();
const isOffline = since !== null;

onlyOf(me);
const store = new Store(me);
const tabs = new Tabs(me);
const socket = new Socket(() => location.pathname);
const outage = new Outage(socket, { already: isOffline });
notePerson({ username: me, display_name: displayName }, socket);
const uploads = new Uploads({ owner: me });
const outbox = new Outbox({ owner: me, tabs, send: (frame) => socket.send(frame), log: knownLog(me), uploads });
new Deliveries({ store, send: (frame) => socket.send(frame), leads: () => outbox.leads });
const games = new Games(me);
const gameLoader = new GameLoader({ games, store });
const gameCalls = new GameCalls({ games });
const kept = (/** @type {string} */ username) => keptPage(me, username);
const history = new History({ store, socket, games: gameLoader, kept, offline: isOffline });
const keeper = new Keeper({
  ...{ me, store },
  load: (username, limit) => api.messages(username, { limit }),
  leads: () => outbox.leads,
});
const inbox = new Inbox(store);
const archived = new Inbox(store, { archived: true });
const drafts = new Drafts({ store, tabs });
const trays = new Trays({ owner: me, uploads, tabs });
const sendRead = (/** @type {string} */ thread, /** @type {number} */ seq) =>
  socket.send({ type: "read", thread, seq });
const states = new OwnStates({ store, sendRead });
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
  stranger() {
    drafts.rest(true);
    trays.rest(true);
    location.assign("/messages");
  },
});
socket.on("applied", (frame) => keeper.applied(frame));
socket.on("welcome", ({ username, log, threads }) => {
  if (username === me) keeper.connected(log).catch(console.warn);
  registerLater(prepareParts);
  push.resume().catch(console.warn);
  // Those archived may be older than the threads that it tells of.
  if (Object.keys(threads).length >= FULL_WELCOME) archived.refresh().catch(console.warn);
  inbox.idle().then(() => states.connected());
  drafts.again();
  uploads.online();
});

/** @param {string} username */
const namesOf = (username) => namesOfTwo(store.thread(username), { username: me, display_name: displayName });
const note = new Note();
const tray = new Tray({ uploads, trays, complain: (words) => note.complain(words) });
const composer = new Composer({
  drafts,
  edits: new Edits(me),
  tray,
  onSend: send,
  onEdit: (username, target, text) => outbox.change(username, "edit", { target, text }),
  onGone: () => note.complain("The message that you were editing is deleted."),
  onEditLast: () => thread.editLast(),
  onTyping: (thread) => socket.send({ type: "typing", thread }),
  quoted: quotations({ me, store, outbox, history, namesOf }),
});
store.on("thread", (username) => composer.refresh(username));
const complain = (/** @type {string} */ words) => options.toast.show(words);
const recorder = new Part(async () => {
  const { Recorder } = await import("../views/recorder.js");
  return new Recorder({
    onSend: sendSound,
    complain: (words) => note.complain(words),
    onEnd: () => composer.focus(),
  });
}, complain);
recorder.near(byId("attach-menu"), "[data-action=voice]");
runAttaching({
  tray,
  field: composer.input,
  onAdded: () => composer.focus(),
  onVoice: () => recorder.want((one) => open !== null && one.begin(open)),
});
const viewer = new Part(async () => new (await import("../views/viewer.js")).Viewer(), complain);
viewer.near(byId("messages"), "[data-do=view]");
const deletions = new Deletions((username, target) => outbox.change(username, "delete", { target }));
onHidden(() => {
  deletions.now();
  drafts.now();
  keeper.now();
});
const resign = new ResignDialog({ games, calls: gameCalls });
const thread = new ThreadView({
  ...{ me, store, outbox, uploads, socket, outage, history, games, gameCalls, namesOf, deletions, composer, note },
  versionsOf: api.pastTexts,
  onView: (items, context, key) => viewer.want((one) => one.show(items, context, key)),
  goTo: (seq) => open !== null && wayBack.go(open, seq),
  onScrolled: () => wayBack.update(),
  resign: (id) => resign.ask(id),
});
const trail = new Trail((move) => wayBack.moved(move));
const wayBack = new WayBack({ places: () => thread.places, open: () => open, show, closeDialogs, trail });
const finder = new Part(async () => {
  const { Finder } = await import("../views/finder.js");
  const made = new Finder({
    names: (username) => ({ me, names: namesOf(username) }),
    ...{ store, history, wayBack, note },
    onEnd: () => thread.toEnd(),
  });
  made.open(open);
  return made;
}, complain);
runSearchKeys(finder);
const offer = new Part(async () => {
  const { OfferDialog } = await import("../games/views/offer_dialog.js");
  const made = new OfferDialog({
    offer: (username, body) => gameCalls.offer(username, body),
    onOffered: followOwn,
    onPast: () => past.want((one) => one.show()),
    complain,
  });
  made.open(open === null ? null : store.thread(open));
  return made;
}, complain);
offer.openedBy(byId("new-game", HTMLButtonElement), (one) => one.show());
const past = new Part(async () => {
  const { PastDialog } = await import("../games/views/played.js");
  const onNew = () => offer.want((one) => one.show());
  const made = new PastDialog({ me, namesOf, load: api.threadGames, onNew });
  made.open(open);
  return made;
}, complain);
past.near(byId("offer"), "#past-open");
const announcer = new Announcer({ me, games, namesOf });
const isMuted = (/** @type {string} */ username) => store.thread(username).muted;
const gameSound = new GameSound({ me, games, sound: new Sound(local), isMuted });
const onOptions = (/** @type {HTMLElement} */ button, /** @type {string} */ username) => options.open(button, username);
const inboxView = new InboxView({
  ...{ me, store, outbox, inbox, archived, games, drafts, onOptions },
  onOpen: (username) => navigate(username),
});
const options = new ChatOptions({
  store,
  states,
  list: byId("main"),
  onRead: seen,
  onGone: (username) => username === open && navigate(null),
  onFocus: (username) => inboxView.focus(username),
});
const push = new Push();
/** @param {{ made: { open(username: string | null): void } | null }} part */
const following = (part) => ({ open: (/** @type {string | null} */ username) => part.made?.open(username) });
const views = [
  new Shared({ drafts, text: sharedText() }), // before the composer shows the draft
  composer,
  following(recorder),
  thread,
  new OtherDraft({ drafts, onDecided: () => composer.focus() }),
  new HeaderView({ displayName, store, outage, onOptions }),
  inboxView,
  announcer,
  gameSound,
  following(past),
  following(finder),
  new Hint({ me, store, push }),
];
new TitleView({ store, games });
new Notices(store);
new BannerView({ socket, outage, since });
const people = new Part(async () => {
  const { PeopleView } = await import("../views/people.js");
  return new PeopleView({
    onChoose(person) {
      store.person(person);
      navigate(person.username);
    },
  });
}, complain);
people.openedBy(byId("new-chat", HTMLButtonElement), (one) => one.show());
const invite = new Part(async () => {
  const { InviteDialog } = await import("../views/invite_dialog.js");
  return new InviteDialog({ list: api.invites, make: api.makeInvite, takeBack: api.takeBackInvite });
}, complain);
for (const opener of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-invite]"))) {
  opener.addEventListener("click", closeDialogs);
  invite.openedBy(opener, (one) => one.show());
}
socket.on("applied", async (frame) => {
  if (frame.type !== "event" || frame.kind !== "joined" || frame.sender === me) return;
  invite.made?.accepted(frame.client_id);
  await inbox.idle(); // until it is known what they are called
  options.toast.tell(`${isolated(store.thread(frame.thread).display_name)} accepted your invitation.`);
});

/** @type {string | null} a username */
let open = null;

/**
 * More files than a message may have go in several, the text with the first.
 * @param {string} username
 * @param {string} text
 * @param {number | undefined} replyTo
 * @param {File[]} files
 */
function send(username, text, replyTo, files) {
  outbox.send(username, text, replyTo, files.slice(0, MAX_ATTACHMENTS));
  for (let at = MAX_ATTACHMENTS; at < files.length; at += MAX_ATTACHMENTS)
    outbox.send(username, "", undefined, files.slice(at, at + MAX_ATTACHMENTS));
  followOwn(username);
}

/**
 * Shows what I have just done in a thread, unless another one is open by now.
 * @param {string} username
 */
function followOwn(username) {
  if (username === open) thread.followOwn();
}

/**
 * @param {string} username
 * @param {globalThis.File} sound
 * @param {import("../views/recorder.js").Heard} heard
 */
function sendSound(username, sound, heard) {
  const { name, type, size } = sound;
  const file = { id: uuid7(), name, type, size, ...heard };
  uploads.hold(file.id, sound);
  send(username, "", undefined, [file]);
}

/**
 * Somebody says that all of a thread is read.
 * @param {string} username
 */
function seen(username) {
  const { head, told } = store.thread(username);
  const last = Math.max(head, told);
  states.seen(username);
  if (store.read(username, last)) sendRead(username, last);
}

/** They are about what stands on the page. */
function closeDialogs() {
  forgetParts();
  for (const dialog of document.querySelectorAll("dialog")) dialog.close("");
}

/** @param {string | null} username */
function show(username) {
  const before = open;
  open = username;
  drafts.now();
  closeDialogs();
  byId("main").dataset.view = username === null ? "inbox" : "thread";
  for (const view of views) view.open(username);
  offer.made?.open(username === null ? null : store.thread(username));
  if (username !== null) {
    states.open(username);
    lookUp(store, username).catch(console.warn);
  }
  if (username === null && before !== null) inboxView.focus(before);
  else if (username !== null && !entersLines()) composer.focus();
}

/** @param {string | null} username */
function navigate(username) {
  wayBack.clear();
  if (username !== open) trail.push(username);
  show(username);
}
onWorkerCalls({ open: (username) => username !== open && navigate(username), shown: () => open });
byId("back").addEventListener("click", (event) => {
  event.preventDefault();
  navigate(null);
});

runLeaving({
  me,
  socket,
  tabs,
  held() {
    deletions.now();
    drafts.now();
    return outbox.unsent;
  },
  leaving(leaves) {
    drafts.rest(leaves);
    trays.rest(leaves);
    if (leaves) keeper.rest();
  },
});

const [first, writes, begins] = [linked(), isToWrite(), isToBegin()]; // before the address loses it
if (openThread) store.person({ username: openThread, display_name: peerDisplayName });
trail.replace(openThread || null); // the address names no message from now on
show(openThread || null);
if (openThread && first) thread.places.go(first);
if (openThread && writes) composer.focus();
if (begins) people.want((one) => one.show());
if (isOffline) keptRows(me).then((rows) => store.rows(rows), console.warn);
socket.start();
inbox.refresh().catch(console.warn);
