"""The public HTTP contract as one table: what is routed, forwarded, limited and documented."""

from typing import Any

import msgspec

from gateway.route import Route
from shared.wire import games, http, tictactoe
from shared.wire.member_state import MemberState
from shared.wire.messages import EventFrame, Message
from shared.wire.problems import (
    Ahead,
    Conflict,
    Gone,
    NotAMessage,
    NotFound,
    NotNow,
    NotYours,
    OverQuota,
    Stale,
    Taken,
    TooManyEdits,
    TooManyGames,
    WrongCredentials,
    WrongPassword,
)


class Health(msgspec.Struct, frozen=True):
    """status: up, ready or not ready. Each part that was asked has a field of its own."""

    status: str


# fmt: off
ROUTES = (
    Route("POST", "/api/accounts", "signUp", "Sign up and log in",
          {201: http.Me}, body=http.SignUp, session=False, problems=(Taken,)),
    Route("POST", "/api/session", "logIn", "Log in, always with a new session; ends the one presented",
          {200: http.Me}, body=http.LogIn, session=False, problems=(WrongCredentials,)),
    Route("GET", "/api/session", "whoAmI", "Who am I", {200: http.Me}),
    Route("DELETE", "/api/session", "logOut", "Log out; the session's open sockets close within 2 s with 4501",
          {204: None}, service="auth", ends_sessions=True),
    Route("GET", "/api/sessions", "listSessions", "My devices", {200: http.Sessions}, service="auth"),
    Route("DELETE", "/api/sessions/{id}", "endSession", "Log out one of my devices",
          {204: None}, service="auth", ends_sessions=True),
    Route("DELETE", "/api/sessions", "endOtherSessions", "Log out all my other devices",
          {204: None}, service="auth", ends_sessions=True),
    Route("PUT", "/api/password", "changePassword",
          "Change my password; ends all my sessions, and answers with the cookie of a new one",
          {204: None}, body=http.ChangePassword, problems=(WrongPassword,)),
    Route("GET", "/api/settings", "mySettings", "What I let others see, and so see of them",
          {200: http.Settings}, service="auth"),
    Route("PATCH", "/api/settings", "changeSettings", "Change some of them; holds everywhere within 5 s",
          {200: http.Settings}, body=http.ChangeSettings, service="auth"),
    Route("GET", "/api/users", "listUsers",
          "The user list, without me, by username; query: a prefix of username or display name",
          {200: http.Users}, query=http.UsersQuery, service="auth"),
    Route("GET", "/api/threads", "listThreads", "My threads, latest first",
          {200: http.Threads}, query=http.ThreadsQuery, service="threads"),
    Route("GET", "/api/threads/{username}/messages", "listMessages",
          "Messages in their current state, by seq; without an anchor, the newest",
          {200: http.Messages}, query=http.MessagesQuery, service="threads"),
    Route("GET", "/api/threads/{username}/events", "listEvents", "The log itself, as frames",
          {200: http.Events}, query=http.EventsQuery, service="threads"),
    Route("POST", "/api/threads/{username}/messages", "sendMessage",
          "Send without a socket; 200 for a repeated client_id, with the message as it was stored",
          {201: Message, 200: Message}, body=http.SendMessage, service="threads", limit="messages",
          problems=(Conflict, OverQuota, Ahead, NotAMessage)),
    Route("POST", "/api/threads/{username}/events", "changeMessage",
          "Edit, delete or react to a message; 200 for a repeated client_id, with the event as it was stored",
          {201: EventFrame, 200: EventFrame}, body=http.DoToThread, service="threads", limit="messages",
          problems=(Conflict, OverQuota, NotYours, TooManyEdits, Gone, Ahead, NotAMessage)),
    Route("GET", "/api/threads/{username}/messages/{seq}/history", "messageHistory",
          "The texts that a message had and has, oldest first",
          {200: http.MessageHistory}, service="threads", problems=(Gone, Ahead, NotAMessage)),
    Route("PUT", "/api/threads/{username}/read", "markRead",
          "I have read up to seq (never goes back, never beyond the head)",
          {204: None}, body=http.MarkRead, service="threads"),
    Route("PUT", "/api/threads/{username}/delivered", "markDelivered",
          "A device of mine holds everything up to seq (never goes back, never beyond the head)",
          {204: None}, body=http.MarkDelivered, service="threads"),
    Route("GET", "/api/threads/{username}/state", "getState",
          "What I keep about a thread for myself: draft, muted, archived, marked unread",
          {200: MemberState}, service="threads"),
    Route("PATCH", "/api/threads/{username}/state", "changeState",
          "Change what I keep about a thread; what is left out stays, and all my sockets are told",
          {200: MemberState}, body=http.ChangeState, service="threads", problems=(Stale, OverQuota)),
    Route("GET", "/api/search", "search", "Full-text search in my threads, newest first",
          {200: http.Found}, query=http.SearchQuery, service="threads", problems=(NotFound,)),
    Route("POST", "/api/tictactoe/move", "askMove",
          "The AI's move at tic-tac-toe, why it chose it, and what every other move is worth",
          {200: tictactoe.MoveMade}, body=tictactoe.AskMove, session=False, service="game", limit="moves"),
    Route("POST", "/api/tictactoe/moves", "askMoves", "The AI's moves for up to 64 positions, for bots",
          {200: tictactoe.MovesMade}, body=tictactoe.AskMoves, session=False, service="game", limit="searches"),
    Route("POST", "/api/tictactoe/analyse", "analyse",
          "What every legal move is worth, how the game may go on, and why, in words",
          {200: tictactoe.Analysis}, body=tictactoe.AskAnalysis, session=False, service="game", limit="searches"),
    Route("POST", "/api/threads/{username}/games", "offerGame",
          "Offer a game, or begin one with the AI; 200 for a repeated client_id, with the game it made",
          {201: games.ThreadGame, 200: games.ThreadGame}, body=games.OfferGame, service="game",
          limit="messages", problems=(Conflict, TooManyGames)),
    Route("GET", "/api/threads/{username}/games", "listGames",
          "The open games of a thread, or those that began within a range of seqs; and the score",
          {200: games.ThreadGames}, query=games.GamesQuery, service="game"),
    Route("GET", "/api/games", "myGames", "My open games; turn=mine: only those waiting for me",
          {200: games.MyGames}, query=games.MyGamesQuery, service="game"),
    Route("GET", "/api/games/{id}", "getGame", "One game of a thread of mine",
          {200: games.ThreadGame}, service="game"),
    Route("POST", "/api/games/{id}/commands", "actInGame",
          "Accept, decline, withdraw, move, resign, offer a draw, take back, ask for a rematch",
          {200: games.ThreadGame}, body=games.GameCommand, service="game", limit="messages",
          problems=(Conflict, Stale, NotNow, TooManyGames)),
    Route("GET", "/api/openapi.json", "openapi", "This contract as OpenAPI 3.1",
          {200: dict[str, Any]}, session=False),
    Route("GET", "/api/asyncapi.json", "asyncapi", "The socket as AsyncAPI 3",
          {200: dict[str, Any]}, session=False),
    Route("GET", "/api/docs", "docs", "Both contracts as a page", {200: str}, session=False, page=True),
    Route("GET", "/health/live", "live", "Up", {200: Health}, session=False, limit="none"),
    Route("GET", "/health/ready", "ready", "Up and able to serve (redis may be degraded)",
          {200: Health, 503: Health}, session=False, limit="none"),
)
# fmt: on

BY_NAME = {route.name: route for route in ROUTES}
