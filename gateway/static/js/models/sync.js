// What the socket says, to the models that hold it.

import { knownLog, rememberLog } from "./known_log.js";
import { lookUp } from "./look_up.js";
import { heard } from "../net/skew.js";

/** Joins socket, store, outbox, inbox, history and games. stranger(): somebody else is logged in by now. */
export function runSync({ me, socket, store, outbox, inbox, history, games, gameLoader, gameCalls, stranger }) {
  let log = null;
  const refresh = () => inbox.refresh().catch(console.warn);
  const refreshIfStale = () => (store.stale || !inbox.loaded) && refresh();

  function forget() {
    store.forget();
    socket.cursors.forgetAll();
    history.forget();
    inbox.forget();
    games.forget();
    gameLoader.forget();
  }

  /** A change of a game; one that is not the first does not say where its game stands. */
  function game({ thread, seq, body }) {
    heard(body.at);
    games.take({ thread, seq: body.version === 1 ? seq : undefined, game: body });
    if (games.get(body.id).seq === undefined) gameLoader.place(body.id);
  }

  /** Who wrote on another device has read what stands above; here that was noted when it was written. */
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
    if (frame.kind === "game") game(frame);
    if (frame.sender === me && outbox.remove(frame.client_id) === null) elsewhere(frame);
    if (!unknown) return;
    refresh();
    lookUp(store, frame.thread, { again: true }).catch(console.warn);
  });

  socket.on("old", (frame) => {
    if (frame.sender === me) outbox.remove(frame.client_id);
    if (frame.kind === "game") game(frame);
  });

  socket.on("refused", (frame) => {
    if (frame.type === "send") outbox.fail(frame.client_id, "The server did not take this message.");
  });

  const handlers = {
    read: ({ thread, seq, by }) => {
      if (by !== me) store.peerRead(thread, seq);
      else if (store.read(thread, seq) && store.thread(thread).stale) refresh();
    },
    typing: ({ thread }) => store.typing(thread),
    presence: ({ username, online, last_seen }) => store.presence(username, online, last_seen),
    rejected: ({ client_id, problem }) => outbox.rejected(client_id, problem),
    message: ({ thread, client_id, seq }) => {
      if (awaited(thread, seq)) outbox.acknowledged(client_id, seq);
      else outbox.remove(client_id);
    },
    error: ({ problem }) => console.warn("Duet:", problem.title, problem.detail ?? ""),
  };

  /** A repeat of a message that this page has loaded around, but not reached yet. */
  function awaited(username, seq) {
    const thread = store.thread(username);
    return thread.loaded && seq > (thread.messages.at(-1)?.seq ?? 0);
  }

  socket.on("frame", (frame) => handlers[frame.type]?.(frame));
}
