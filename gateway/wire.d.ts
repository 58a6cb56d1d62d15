// Written by python -m gateway.page_types.

declare namespace Wire {
  type Side = "X" | "O";
  type Outcome = "X" | "O" | "draw";
  type Status = "playing" | "X" | "O" | "draw";
  type Level = "easy" | "medium" | "hard" | "perfect";
  type VariantName = "classic" | "misere" | "mnk" | "ultimate";
  type Reason = "win" | "block" | "fork" | "block-fork" | "centre" | "opposite-corner" | "corner" | "side" | "lose" | "trap" | "win-board" | "block-board" | "force" | "build" | "hinder" | "open";
  type Seated = "me" | "peer" | "easy" | "medium" | "hard" | "perfect";
  type Phase = "offered" | "playing" | "finished" | "declined" | "withdrawn";
  type Ending = "line" | "full" | "resigned" | "clock" | "agreed";
  type What = "offered" | "accepted" | "declined" | "withdrawn" | "moved" | "resigned" | "flag-fell" | "resumed" | "draw-offered" | "draw-accepted" | "draw-declined" | "draw-withdrawn" | "takeback-offered" | "takeback-accepted" | "takeback-declined" | "takeback-withdrawn";
  type Answer = "offer" | "accept" | "decline" | "withdraw";
  type ClientFrame = Hello | Send | Do | Sync | ReadUpTo | DeliveredUpTo | Typing | Ping;
  type ServerFrame = Welcome | MessageFrame | EventFrame | Rejected | ReadFrame | DeliveredFrame | StateFrame | TypingFrame | PresenceFrame | Pong | ErrorFrame;
  type GameCommand = Accept | Decline | Withdraw | Move | Resign | Draw | Takeback | Rematch;
  /** Take the offered game: it begins. */
  interface Accept {
    do: "accept";
    client_id: string;
  }
  /** token: the last part of the link. */
  interface AcceptInvite {
    token: string;
  }
  /**
   * best: the cell that `perfect` takes. outcome, distance, value: of the position, for `player`, who is to move.
   *
   * distance: plies from the board asked about. moves: every legal one, by cell.
   */
  interface Analysis {
    player: Side;
    best: number;
    outcome?: Outcome;
    distance?: number;
    exact: boolean;
    value: number;
    moves: Array<MoveAnalysed>;
  }
  /** POST /api/tictactoe/analyse: everything there is to say about a position. */
  interface AskAnalysis {
    variant?: VariantName;
    m?: number;
    n?: number;
    k?: number;
    board: string;
    player?: Side;
    last?: number;
    seed?: number;
    time_limit_ms?: number;
  }
  /** POST /api/tictactoe/move: a move by the AI at this level. */
  interface AskMove {
    variant?: VariantName;
    m?: number;
    n?: number;
    k?: number;
    board: string;
    player?: Side;
    last?: number;
    seed?: number;
    time_limit_ms?: number;
    level?: Level;
  }
  /** POST /api/tictactoe/moves, for bots. Searches that would take more than 3 s together are each cut short. */
  interface AskMoves {
    positions: Array<AskMove>;
  }
  /**
   * A file or photo. type: what its bytes are, `application/octet-stream` for all that is not shown. size: bytes.
   *
   * Of a photo: width, height, as it is shown; thumb: what to draw until it is there, base64 of 48 bytes, the colours
   * (red, green, blue) of 4 by 4 fields, row by row. duration: of a sound, in seconds, where the file tells it.
   * peaks: of a sound, how loud it is, as its sender says: 48 equal parts of it in turn, a hexadecimal digit each.
   * alt: what the sender says is to be seen. Other fields are absent where they do not apply.
   */
  interface Attachment {
    id: string;
    name: string;
    type: string;
    size: number;
    width?: number;
    height?: number;
    thumb?: string;
    duration?: number;
    peaks?: string;
    alt?: string;
  }
  interface ChangePassword {
    current: string;
    new: string;
  }
  /** display_name: as at sign-up. */
  interface ChangeProfile {
    display_name: string;
  }
  /** What is left out stays. */
  interface ChangeSettings {
    read_receipts?: boolean;
    typing?: boolean;
    last_seen?: boolean;
    findable?: boolean;
    link_previews?: boolean;
  }
  /**
   * A field that is left out stays as it is; null takes it away.
   *
   * revision: if it is given, and is not the current one, nothing is done. muted_until: as in MemberState.
   */
  interface ChangeState {
    revision?: number;
    draft?: TypedDraft | null;
    muted_until?: string | null;
    archived?: "always" | "until-new" | null;
    marked_unread?: boolean;
  }
  /**
   * x_ms, o_ms: what each side had left at `since`. running: whose time runs from then on.
   *
   * No clock runs before the first move, nor while the game service is away (`resumed` then moves `since`). The
   * server alone decides that a flag fell.
   */
  interface Clock {
    initial_s: number;
    increment_s: number;
    x_ms: number;
    o_ms: number;
    running: Side | null;
    since: string | null;
  }
  /** Seconds that each side has at the start, and gains with each move. */
  interface ClockSetting {
    initial_s: number;
    increment_s: number;
  }
  /** Refuse the offered game. */
  interface Decline {
    do: "decline";
    client_id: string;
  }
  /** A device of `by` holds `thread` up to seq. */
  interface DeliveredFrame {
    type: "delivered";
    thread: string;
    seq: number;
    by: string;
  }
  /** This device holds everything up to seq. Not needed where `read` says at least as much. */
  interface DeliveredUpTo {
    type: "delivered";
    thread: string;
    seq: number;
  }
  /**
   * A durable event that is not a new message: an edit, a delete, a reaction. client_id: as in send.
   *
   * It comes back as an event frame, or as rejected. body: as shared/wire/changes.py says for each kind.
   */
  interface Do {
    type: "do";
    to: string;
    client_id: string;
    kind: string;
    body: unknown;
  }
  /** kind: edit, delete or reaction. body: as shared/wire/changes.py says for each. */
  interface DoToThread {
    client_id: string;
    kind: string;
    body: unknown;
  }
  /** What is typed and not sent, as it was typed. reply_to: the seq of the message that it is to answer. */
  interface Draft {
    text: string;
    reply_to?: number;
  }
  /** Offer a draw; accept, decline or withdraw the offer that stands. Offering against an offer accepts it. */
  interface Draw {
    do: "draw";
    client_id: string;
    answer: Answer;
  }
  /** A frame was not understood or could not be carried out; the socket stays open. */
  interface ErrorFrame {
    type: "error";
    problem: ProblemDocument;
  }
  /**
   * relay -> browser, and an item of the log: every durable kind except messages.
   *
   * repeat: as in a message. An `edit` or a `preview` of a message that is deleted has only the target in its body.
   */
  interface EventFrame {
    type: "event";
    thread: string;
    seq: number;
    kind: string;
    sender: string;
    client_id: string;
    sent_at: string;
    body: unknown;
    repeat?: boolean;
  }
  /** Ascending. A page ends near 512 KiB: there are more while the last one's seq is below head. */
  interface Events {
    events: Array<MessageFrame | EventFrame>;
    head: number;
  }
  /**
   * What is wrong with one field.
   *
   * pointer: JSON pointer (RFC 6901) into the body, `?name` for a query, or `{name}` for a part of the path.
   */
  interface FieldError {
    pointer: string;
    detail: string;
  }
  /** next: the cursor of the next page, null at the end. A page ends near 512 KiB. */
  interface Found {
    messages: Array<Message>;
    next: string | null;
  }
  /**
   * A game after its `version`-th change: the body of each `game` event, so the newest one alone says everything.
   *
   * what, by: what changed and who did it (null: the AI or the clock). moves: cells, X's first. turn: while playing.
   * status, line: of the board, or the winner by other means; ending: why it is finished. draw, takeback: the side
   * that offers, or asks for, one now. rematch_of: the game it repeats. score, against_ai: after this change;
   * the latter of the member who plays the AI here, against its level; null where two people play, or the AI itself.
   */
  interface Game {
    id: string;
    version: number;
    what: What;
    by: string | null;
    at: string;
    offered_by: string;
    spec: VariantSpec;
    seats: Seats;
    phase: Phase;
    status: Status;
    turn: Side | null;
    moves: Array<number>;
    line: Array<number> | null;
    ending: Ending | null;
    clock: Clock | null;
    draw: Side | null;
    takeback: Side | null;
    takebacks: boolean;
    rematch_of: string | null;
    score: Score;
    against_ai: Tally | null;
  }
  /** status: up; or ready, degraded, unready. version: of the build. Each part that was asked has a field. */
  interface Health {
    status: string;
    version: string;
  }
  /** First, within 5 s. cursors: the last seq applied, by the other member's username; replay starts after it. */
  interface Hello {
    type: "hello";
    cursors?: Record<string, number>;
  }
  interface InviteItem {
    id: string;
    created_at: string;
    expires_at: string;
    game: InvitedGame | null;
  }
  /** The game of an invitation: an OfferGame to somebody who is not known yet, and who has a seat. */
  interface InvitedGame {
    x: Seated;
    o: Seated;
    spec: VariantSpec;
    toss: boolean;
    clock: ClockSetting | null;
    takebacks: boolean;
  }
  /** Those of mine that are open, the newest first. */
  interface Invites {
    invites: Array<InviteItem>;
  }
  /**
   * The preview of a message's first link. url: that link. title, site, description: one line each, as the page says.
   *
   * site, description: absent where the page says none.
   */
  interface LinkPreview {
    url: string;
    title: string;
    site?: string;
    description?: string;
  }
  interface LogIn {
    username: string;
    password: string;
  }
  /** url: the link, which is told this once. qr: the same as a QR code, an SVG in a data: address. */
  interface MadeInvite {
    id: string;
    url: string;
    qr: string;
    expires_at: string;
  }
  interface MarkDelivered {
    seq: number;
  }
  interface MarkRead {
    seq: number;
  }
  interface Me {
    username: string;
    display_name: string;
  }
  /**
   * Other fields than revision are absent where they do not apply.
   *
   * revision: 0 while nothing was ever kept; each change has the next one, so of two states the later has the higher.
   * muted_until: an RFC 3339 time, or "forever". archived: out of the list, "until-new": until the next message of
   * either, after which it does not apply, at the same revision. archived_through: there with "until-new", the seq of
   * the last message then. marked_unread: until the thread is read, on any device.
   */
  interface MemberState {
    revision: number;
    draft?: Draft;
    muted_until?: string;
    archived?: "always" | "until-new";
    archived_through?: number;
    marked_unread?: boolean;
  }
  /**
   * A message in its current state. thread: the other member's username. seq: from 1. sent_at: UTC.
   *
   * version: the seq of the last event that changed it (its own, if none did); an event up to it changes nothing more.
   * text: absent once the message is deleted. reply_to: the seq of the message that it answers. attachments: none once
   * it is deleted. preview: of its first link. Other fields are absent where they do not apply.
   */
  interface Message {
    thread: string;
    seq: number;
    sender: string;
    client_id: string;
    sent_at: string;
    version: number;
    text?: string;
    reply_to?: number;
    edited_at?: string;
    deleted_at?: string;
    reactions?: Array<Reaction>;
    attachments?: Array<Attachment>;
    preview?: LinkPreview;
  }
  /**
   * relay -> browser, and an item of the log: a message as it was sent. To the sender it is the acknowledgement.
   *
   * repeat: the answer to a client_id that is already in the log; such a frame moves no cursor.
   * reply_to: the seq of the message that it answers. deleted_at: since when it is deleted; `text` is then
   * empty, and there are no attachments.
   */
  interface MessageFrame {
    type: "message";
    thread: string;
    seq: number;
    sender: string;
    client_id: string;
    text: string;
    sent_at: string;
    repeat?: boolean;
    reply_to?: number | null;
    deleted_at?: string | null;
    attachments?: Array<Attachment>;
  }
  /** Oldest first; the last one is the current text. */
  interface MessageHistory {
    texts: Array<PastText>;
  }
  /**
   * Ascending by seq. A page ends near 512 KiB, so it may hold fewer than `limit`; more: whether there are others
   * before it (with `after` or `at`: behind it; with `around`: on either side).
   *
   * quoted: the messages, in their current state, that those of the page answer and that are not in it themselves.
   * In the same snapshot: head, the last event's seq; read, how far you have read; 0 where nobody has written.
   */
  interface Messages {
    messages: Array<Message>;
    head: number;
    read: number;
    more: boolean;
    quoted: Array<Message>;
  }
  /** Take `cell`. ply: how many moves were made before this one; 409 `stale` if that is no longer true. */
  interface Move {
    do: "move";
    client_id: string;
    ply: number;
    cell: number;
  }
  /** A legal move, as in MoveMade. variation: how the game may go on, with this move first. words: the reason. */
  interface MoveAnalysed {
    cell: number;
    outcome?: Outcome;
    distance?: number;
    exact: boolean;
    value: number;
    variation: Array<number>;
    reason: Reason;
    words: string;
  }
  /**
   * The AI's move. board, status, outcome, distance: after it. line: the cells that won, ascending.
   *
   * exact: outcome and distance are proven; else both are left out. distance: plies to the end under perfect play,
   * in a draw the empty cells. value: what the mover may expect, 1 won, 0 drawn, -1 lost; an estimate unless exact.
   * moves: the legal ones whose end is proven, by cell; in classic and misere all of them.
   */
  interface MoveMade {
    cell: number;
    player: Side;
    board: string;
    status: Status;
    line?: Array<number>;
    outcome?: Outcome;
    distance?: number;
    reason: Reason;
    moves: Array<MoveValue>;
    exact: boolean;
    value: number;
  }
  /** A legal move. outcome, distance: the end under perfect play and the plies from the board it leaves. */
  interface MoveValue {
    cell: number;
    outcome: Outcome;
    distance: number;
  }
  /** In the order of the positions. */
  interface MovesMade {
    moves: Array<MoveMade>;
  }
  /** Offered or being played in any thread, last changed first, at most 200. */
  interface MyGames {
    games: Array<ThreadGame>;
  }
  /** An attachment as a send names it, by the id of its upload. alt: what is to be seen, for who does not see it. */
  interface NamedAttachment {
    id: string;
    alt?: string | null;
  }
  /** game: what is offered to whoever accepts; left out: an invitation to a chat. */
  interface NewInvite {
    game?: InvitedGame | null;
  }
  /**
   * POST /api/threads/{username}/games. x, o: who plays that side; X moves first.
   *
   * At most one side is `me` and one `peer`; a level seats the AI. toss: swap the sides at random. Without a `peer`
   * the game begins at once, else when the peer accepts. clock: none if left out.
   */
  interface OfferGame {
    client_id: string;
    x?: Seated;
    o?: Seated;
    spec?: VariantSpec;
    toss?: boolean;
    clock?: ClockSetting | null;
    takebacks?: boolean;
  }
  /** A text that a message has or had, since `at`. */
  interface PastText {
    text: string;
    at: string;
  }
  /** Answered by pong. */
  interface Ping {
    type: "ping";
  }
  /** The answer to ping. */
  interface Pong {
    type: "pong";
  }
  /** Someone you have a thread with came or went. */
  interface PresenceFrame {
    type: "presence";
    username: string;
    online: boolean;
    last_seen: string | null;
  }
  /** The body of every error. retry: on a socket, the same send may succeed later. */
  interface ProblemDocument {
    type: string;
    title: string;
    status: number;
    detail?: string;
    code?: string;
    errors?: Array<FieldError>;
    retry?: boolean;
  }
  /** As the browser's PushSubscription has them, base64url: a point on P-256, and 16 bytes. */
  interface PushKeys {
    p256dh: string;
    auth: string;
  }
  /** key: the application server's, base64url. subscribed, hide_text: of the calling session. */
  interface PushState {
    key: string;
    subscribed: boolean;
    hide_text: boolean;
  }
  /** One emoji under a message. by: the usernames of those who gave it. */
  interface Reaction {
    emoji: string;
    by: Array<string>;
  }
  /** `by` has read `thread` up to seq. */
  interface ReadFrame {
    type: "read";
    thread: string;
    seq: number;
    by: string;
  }
  /** I have read everything up to seq. */
  interface ReadUpTo {
    type: "read";
    thread: string;
    seq: number;
  }
  /** A send or do that was not stored; final unless problem.retry. */
  interface Rejected {
    type: "rejected";
    client_id: string;
    problem: ProblemDocument;
  }
  /** Offer the same game again with sides swapped, once it is finished; answered with the new game. */
  interface Rematch {
    do: "rematch";
    client_id: string;
  }
  /** Give the game up. */
  interface Resign {
    do: "resign";
    client_id: string;
  }
  /** Counts the finished games that the two members played against each other. wins: by username. */
  interface Score {
    wins: Record<string, number>;
    draws: number;
  }
  /** Who plays a side: a member of the thread, or the AI at a level. */
  interface Seat {
    username?: string | null;
    level?: Level | null;
  }
  interface Seats {
    X: Seat;
    O: Seat;
  }
  /**
   * A message. client_id: a UUID; sent again, it stores nothing new and gets the first answer.
   *
   * reply_to: the seq of the message in this thread that it answers. With attachments, the text may be empty.
   */
  interface Send {
    type: "send";
    to: string;
    client_id: string;
    text: string;
    reply_to?: number | null;
    attachments?: Array<NamedAttachment>;
  }
  /** reply_to: the seq of the message in this thread that it answers. With attachments, the text may be empty. */
  interface SendMessage {
    client_id: string;
    text: string;
    reply_to?: number | null;
    attachments?: Array<NamedAttachment>;
  }
  interface SessionItem {
    id: string;
    current: boolean;
    created_at: string;
    last_used_at: string;
    user_agent: string;
  }
  interface Sessions {
    sessions: Array<SessionItem>;
  }
  /**
   * What I let others see, and so see of them: how far I have read, that I am typing, when I was here.
   *
   * findable: whether I am in the user list. link_previews: whether the links that I send get a preview.
   */
  interface Settings {
    read_receipts: boolean;
    typing: boolean;
    last_seen: boolean;
    findable: boolean;
    link_previews: boolean;
  }
  /** invite: the token of an invitation, which is used with it: there is an account and it is used, or neither. */
  interface SignUp {
    username: string;
    password: string;
    display_name?: string | null;
    invite?: string | null;
  }
  /** What you keep about `thread` has changed, on whichever of your devices. Nobody else gets it. */
  interface StateFrame {
    type: "state";
    thread: string;
    state: MemberState;
  }
  /** PUT /api/push. endpoint: https, of a known push service. hide_text: notices do not say what a message says. */
  interface Subscribe {
    endpoint: string;
    keys: PushKeys;
    hide_text?: boolean;
  }
  /** Set this connection's cursor in `thread` to `after` and replay from there. */
  interface Sync {
    type: "sync";
    thread: string;
    after: number;
  }
  /** Ask to undo one's last move and the reply to it, or answer the one who asks. The AI agrees at once. */
  interface Takeback {
    do: "takeback";
    client_id: string;
    answer: Answer;
  }
  /** Counts one member's finished games against the AI at one level in one thread, all variants together. */
  interface Tally {
    wins: number;
    losses: number;
    draws: number;
  }
  /**
   * A game as one member sees it. thread: the other's username. seq: of its first event, null until it is in the log.
   *
   * waiting: it is the caller's turn to move or to answer.
   */
  interface ThreadGame {
    thread: string;
    seq: number | null;
    waiting: boolean;
    game: Game;
  }
  /** games: ascending by seq, at most `limit`. against_ai: the caller's, by level. */
  interface ThreadGames {
    games: Array<ThreadGame>;
    score: Score;
    against_ai: Record<string, Tally>;
  }
  /**
   * unread: the peer's messages after `read`, exact to 999. peer_read: 0 if one of the two does not show it.
   *
   * delivered, peer_delivered: how far a device of each holds the thread, at least as far as they have read.
   * state: absent while its revision is 0. last_at: where nobody has written a message, when something else came last.
   */
  interface ThreadItem {
    username: string;
    display_name: string;
    head: number;
    unread: number;
    read: number;
    peer_read: number;
    delivered: number;
    peer_delivered: number;
    last_message: Message | null;
    state?: MemberState;
    last_at?: string;
  }
  /**
   * A thread in `welcome`. head: last seq of the log; read, peer_read: how far each has read.
   *
   * delivered, peer_delivered: how far a device of each holds it, at least as far as they have read. What one of the two
   * does not show (shared/wire/accounts.py, Seeing) is 0, false or null.
   * state: absent while its revision is 0, and in later threads when the drafts before have come to 512 KiB.
   */
  interface ThreadState {
    display_name: string;
    head: number;
    read: number;
    peer_read: number;
    online: boolean;
    last_seen: string | null;
    delivered: number;
    peer_delivered: number;
    state?: MemberState;
  }
  interface Threads {
    threads: Array<ThreadItem>;
    next: string | null;
  }
  /** text: as a message's, but kept as it was typed; a blank one is no draft. */
  interface TypedDraft {
    text: string;
    reply_to?: number | null;
  }
  /** I am typing in `thread`; passed on at most once in 3 s. */
  interface Typing {
    type: "typing";
    thread: string;
  }
  /** The other member of `thread` is typing; expires after 5 s. */
  interface TypingFrame {
    type: "typing";
    thread: string;
  }
  interface UserItem {
    username: string;
    display_name: string;
    online: boolean;
    last_seen: string | null;
  }
  /** next: the cursor of the next page, null at the end. */
  interface Users {
    users: Array<UserItem>;
    next: string | null;
  }
  /**
   * Which game. classic, misere (whoever completes a line loses): 3×3. ultimate: a 9×9 grid of nine boards.
   *
   * m columns, n rows, k in a row: given for `mnk`, and only there. Cells are numbered row by row over the whole
   * grid, from 0, in every variant.
   */
  interface VariantSpec {
    variant: VariantName;
    m?: number;
    n?: number;
    k?: number;
  }
  /** The answer to hello. log: changes when a backup is restored. threads: the 200 latest, by username. */
  interface Welcome {
    type: "welcome";
    username: string;
    log: string;
    threads: Record<string, ThreadState>;
  }
  /** Take back one's own offer, or end without a result a game in which no person has moved yet. */
  interface Withdraw {
    do: "withdraw";
    client_id: string;
  }
  interface Bodies {
    "POST /api/accounts": SignUp;
    "POST /api/session": LogIn;
    "PUT /api/password": ChangePassword;
    "PUT /api/profile": ChangeProfile;
    "PATCH /api/settings": ChangeSettings;
    "POST /api/invites": NewInvite;
    "POST /api/invites/accept": AcceptInvite;
    "POST /api/threads/{username}/messages": SendMessage;
    "POST /api/threads/{username}/events": DoToThread;
    "PUT /api/threads/{username}/read": MarkRead;
    "PUT /api/threads/{username}/delivered": MarkDelivered;
    "PATCH /api/threads/{username}/state": ChangeState;
    "POST /api/threads/{username}/attachments": Blob;
    "POST /api/tictactoe/move": AskMove;
    "POST /api/tictactoe/moves": AskMoves;
    "POST /api/tictactoe/analyse": AskAnalysis;
    "POST /api/threads/{username}/games": OfferGame;
    "POST /api/games/{id}/commands": Accept | Decline | Withdraw | Move | Resign | Draw | Takeback | Rematch;
    "PUT /api/push": Subscribe;
  }
  interface Queries {
    "GET /api/users": { query?: string; cursor?: string; limit?: number };
    "GET /api/threads": { cursor?: string; limit?: number; archived?: "false" | "true" | null };
    "GET /api/threads/{username}/messages": { before?: number | null; after?: number | null; around?: number | null; at?: string | null; limit?: number };
    "GET /api/threads/{username}/events": { after?: number; limit?: number };
    "POST /api/threads/{username}/attachments": { client_id: string; name: string; duration?: number | null; peaks?: string | null };
    "GET /api/search": { q: string; with?: string | null; cursor?: string; limit?: number };
    "GET /api/threads/{username}/games": { from?: number | null; to?: number | null; phase?: "any" | "finished"; limit?: number };
    "GET /api/games": { turn?: "any" | "mine" };
  }
  interface Answers {
    "POST /api/accounts": Me;
    "POST /api/session": Me;
    "GET /api/session": Me;
    "DELETE /api/session": null;
    "GET /api/sessions": Sessions;
    "DELETE /api/sessions/{id}": null;
    "DELETE /api/sessions": null;
    "PUT /api/password": null;
    "PUT /api/profile": Me;
    "GET /api/settings": Settings;
    "PATCH /api/settings": Settings;
    "GET /api/users": Users;
    "POST /api/invites": MadeInvite;
    "GET /api/invites": Invites;
    "DELETE /api/invites/{id}": null;
    "POST /api/invites/accept": Me;
    "GET /api/threads": Threads;
    "GET /api/threads/{username}/messages": Messages;
    "GET /api/threads/{username}/events": Events;
    "POST /api/threads/{username}/messages": Message;
    "POST /api/threads/{username}/events": EventFrame;
    "GET /api/threads/{username}/messages/{seq}/history": MessageHistory;
    "PUT /api/threads/{username}/read": null;
    "PUT /api/threads/{username}/delivered": null;
    "GET /api/threads/{username}/state": MemberState;
    "PATCH /api/threads/{username}/state": MemberState;
    "POST /api/threads/{username}/attachments": Attachment;
    "GET /api/attachments/{id}": Blob;
    "GET /api/attachments/{id}/small": Blob;
    "GET /api/search": Found;
    "POST /api/tictactoe/move": MoveMade;
    "POST /api/tictactoe/moves": MovesMade;
    "POST /api/tictactoe/analyse": Analysis;
    "POST /api/threads/{username}/games": ThreadGame;
    "GET /api/threads/{username}/games": ThreadGames;
    "GET /api/games": MyGames;
    "GET /api/games/{id}": ThreadGame;
    "POST /api/games/{id}/commands": ThreadGame;
    "GET /api/push": PushState;
    "PUT /api/push": null;
    "DELETE /api/push": null;
    "GET /api/openapi.json": Record<string, unknown>;
    "GET /api/asyncapi.json": Record<string, unknown>;
    "GET /health/live": Health;
    "GET /health/ready": Health;
  }
}
