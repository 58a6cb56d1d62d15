// What the socket says, to the models that hold it.

import { heard } from "../net/skew.js";
import { isMessage } from "./entries.js";
import { knownLog, rememberLog } from "./known_log.js";
import { lookUp } from "./look_up.js";

/** @import { Durable, Socket } from "../net/socket.js" */
/** @import { GameCalls } from "./game_calls.js" */
/** @import { GameLoader } from "./game_loader.js" */
/** @import { Games } from "./games.js" */
/** @import { History } from "./history.js" */
/** @import { Inbox } from "./inbox.js" */
/** @import { Outbox } from "./outbox.js" */
/** @import { Store } from "./store.js" */

/**
 * Joins socket, store, outbox, inbox, history and games.
 * @param {object} parts
 * @param {string} parts.me
 * @param {Socket} parts.socket
 * @param {Store} parts.store
 * @param {Outbox} parts.outbox
 * @param {Inbox} parts.inbox
 * @param {History} parts.history
 * @param {Games} parts.games
 * @param {GameLoader} parts.gameLoader
 * @param {GameCalls} parts.gameCalls
 * @param {() => void} parts.stranger somebody else is logged in by now
 */
export function runSync({ me, socket, store, outbox, inbox, history, games, gameLoader, gameCalls, stranger }) {
  /** @type {string | null} */
  let log = null;
  const refresh = () => inbox.refresh().catch(console.warn);
  const refreshIfStale = () => {
    if (store.stale || !inbox.loaded) refresh();
  };

  function forget() {
    store.forget();
    socket.cursors.forgetAll();
    history.forget();
    inbox.forget();
    games.forget();
    gameLoader.forget();
  }

  /**
   * A change of a game, if it is one; only the first says where its game stands.
   * @param {Durable} frame
   */
  function takeGame(frame) {
    if (frame.type !== "event" || frame.kind !== "game") return;
    const game = /** @type {Wire.Game} */ (frame.body);
    heard(game.at);
    games.take({ thread: frame.thread, seq: game.version === 1 ? frame.seq : undefined, game });
    if (games.get(game.id)?.seq === undefined) gameLoader.place(game.id);
  }

  /**
   * I wrote on another device, so I have read everything above. (What I write here was noted at once.)
   * @param {Durable} frame
   */
  function elsewhere({ type, thread, seq }) {
    const unread = type === "message" && store.thread(thread).unread > 0;
    if (unread && store.read(thread, seq)) socket.send({ type: "read", thread, seq });
  }

  socket.on("welcome", (welcome) => {
    if (welcome.username !== me) {
      stranger();
      return;
    }
    const known = log ?? knownLog(me); // of this page: another tab may have taken note of a new log already
    const restored = known !== null && known !== welcome.log;
    if (restored) forget();
    log = welcome.log;
    rememberLog(me, welcome.log);
    for (const username of restored ? [] : welcome.ahead) {
      store.thread(username).forget();
      socket.cursors.forget(username);
      games.forget(username);
    }
    store.welcome(welcome.threads);
    for (const [thread, { read }] of Object.entries(welcome.threads)) {
      const here = store.thread(thread).read;
      if (here > read) socket.send({ type: "read", thread, seq: here });
    }
    inbox.idle().then(refreshIfStale);
    outbox.connected(welcome.log, restored).catch(console.warn);
    history.again();
    gameLoader.again();
    gameLoader.refresh();
    gameCalls.online();
  });

  store.on("rows", (rows) => {
    const silent = rows.filter(({ username, last_message }) => !last_message && !games.latest(username));
    for (const { username } of silent) gameLoader.last(username);
  });

  socket.on("state", ({ name }) => name === "open" || outbox.disconnected());

  socket.on("applied", (frame) => {
    const unknown = store.apply(frame);
    takeGame(frame);
    if (frame.sender === me && !outbox.arrived(frame.client_id, frame.seq)) elsewhere(frame);
    if (!unknown) return;
    refresh();
    lookUp(store, frame.thread, { again: true }).catch(console.warn);
  });

  socket.on("old", (frame) => {
    if (frame.sender === me) outbox.arrived(frame.client_id, frame.seq);
    takeGame(frame);
  });

  socket.on("refused", (frame) => {
    if (frame.type === "send") outbox.fail(frame.client_id, "The server refused this message.");
    if (frame.type === "do") outbox.fail(frame.client_id, "The server refused this change.");
  });

  /** @param {Wire.ReadFrame} frame */
  function read({ thread, seq, by }) {
    if (by !== me) store.peerRead(thread, seq);
    else if (store.read(thread, seq) && store.thread(thread).stale) refresh();
  }

  /** @param {Wire.DeliveredFrame} frame */
  function delivered({ thread, seq, by }) {
    if (by === me) store.delivered(thread, seq);
    else store.peerDelivered(thread, seq);
  }

  /** @param {Durable} frame a repeat */
  function acknowledged({ thread, client_id, seq }) {
    // Of a thread that is loaded, but has not come to there, it is still to be shown.
    if (store.thread(thread).loaded && seq > socket.cursors.at(thread)) outbox.acknowledged(client_id, seq);
    else outbox.arrived(client_id, seq);
  }

  /**
   * Loads what unsent messages answer.
   * @param {string} username
   */
  function quote(username) {
    for (const entry of outbox.of(username)) if (isMessage(entry)) history.quote(username, entry.reply_to);
  }
  outbox.on("change", quote);
  store.on("thread", (username) => {
    settleHeld(username);
    quote(username);
  });

  /**
   * The history brought what waits here for its acknowledgement: whatever is done to it from now on comes after what
   * was to be done then.
   * @param {string} username
   */
  function settleHeld(username) {
    const unsent = new Set(outbox.of(username).map(({ client_id }) => client_id));
    if (!unsent.size) return;
    for (const { sender, client_id, seq } of [...store.thread(username).messages]) {
      if (sender === me && unsent.has(client_id)) outbox.arrived(client_id, seq);
    }
  }

  /**
   * Another device may have brought one back of which there is no row yet.
   * @param {Wire.StateFrame} frame
   */
  function kept({ thread: username, state }) {
    store.state(username, state);
    const { exists, told, archived } = store.thread(username);
    if (!exists && told && !archived) refresh();
  }

  socket.on("frame", (frame) => {
    if (frame.type === "read") read(frame);
    else if (frame.type === "delivered") delivered(frame);
    else if (frame.type === "state") kept(frame);
    else if (frame.type === "typing") store.typing(frame.thread);
    else if (frame.type === "presence") store.presence(frame.username, frame.online, frame.last_seen);
    else if (frame.type === "rejected") outbox.rejected(frame.client_id, frame.problem);
    else if (frame.type === "message" || frame.type === "event") acknowledged(frame);
    else if (frame.type === "error") console.warn("Duet:", frame.problem.title, frame.problem.detail ?? "");
  });
}
