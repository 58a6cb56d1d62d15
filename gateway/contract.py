"""The public HTTP contract as one table: what is routed, forwarded, limited and documented."""

from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.limits import Limit
from shared.wire import games, http, tictactoe
from shared.wire.messages import Message
from shared.wire.problems import KINDS


class Health(msgspec.Struct, frozen=True):
    """status: up, ready or not ready; each part that was asked is named beside it."""

    status: str


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the contract.

    service: who answers; empty: the gateway itself. answers: status -> type of the body (None: no body).
    problems: codes beyond those that every route of its kind has. repeat: whether the gateway may send the
    call again when a kept-alive connection breaks before it is answered. ends_sessions: of the caller.
    """

    method: str
    path: str
    name: str
    summary: str
    answers: Mapping[int, Any]
    service: str = ""
    session: bool = True
    body: Any = None
    query: Any = None
    problems: tuple[str, ...] = ()
    limit: Limit = "calls"
    repeat: bool = True
    ends_sessions: bool = False
    page: bool = False


_THREAD = "/api/threads/{username}"

ROUTES = (
    Route(
        method="POST",
        path="/api/accounts",
        name="signUp",
        summary="Sign up and log in",
        session=False,
        body=http.SignUp,
        answers={201: http.Me},
        problems=("taken",),
    ),
    Route(
        method="POST",
        path="/api/session",
        name="logIn",
        summary="Log in, always with a new session; ends the one presented",
        session=False,
        body=http.LogIn,
        answers={200: http.Me},
        problems=("wrong-credentials",),
    ),
    Route(
        method="GET",
        path="/api/session",
        name="whoAmI",
        summary="Who am I",
        answers={200: http.Me},
    ),
    Route(
        method="DELETE",
        path="/api/session",
        name="logOut",
        summary="Log out; the session's open sockets close within 2 s with 4501",
        service="auth",
        answers={204: None},
        ends_sessions=True,
    ),
    Route(
        method="GET",
        path="/api/sessions",
        name="listSessions",
        summary="My devices",
        service="auth",
        answers={200: http.Sessions},
    ),
    Route(
        method="DELETE",
        path="/api/sessions/{id}",
        name="endSession",
        summary="Log one of my devices out",
        service="auth",
        answers={204: None},
        ends_sessions=True,
    ),
    Route(
        method="DELETE",
        path="/api/sessions",
        name="endOtherSessions",
        summary="Log all my other devices out",
        service="auth",
        answers={204: None},
        ends_sessions=True,
    ),
    Route(
        method="PUT",
        path="/api/password",
        name="changePassword",
        summary="Change my password; ends all my other sessions",
        service="auth",
        body=http.ChangePassword,
        answers={204: None},
        problems=("wrong-password",),
        repeat=False,
        ends_sessions=True,
    ),
    Route(
        method="GET",
        path="/api/users",
        name="listUsers",
        summary="The user list, without me, by username; query: a prefix of username or display name",
        service="auth",
        query=http.UsersQuery,
        answers={200: http.Users},
    ),
    Route(
        method="GET",
        path="/api/threads",
        name="listThreads",
        summary="My threads, latest first",
        service="threads",
        query=http.PageQuery,
        answers={200: http.Threads},
    ),
    Route(
        method="GET",
        path=f"{_THREAD}/messages",
        name="listMessages",
        summary="Messages in their current state, ascending by seq; without an anchor the newest",
        service="threads",
        query=http.MessagesQuery,
        answers={200: http.Messages},
    ),
    Route(
        method="GET",
        path=f"{_THREAD}/events",
        name="listEvents",
        summary="The log itself, as frames",
        service="threads",
        query=http.EventsQuery,
        answers={200: http.Events},
    ),
    Route(
        method="POST",
        path=f"{_THREAD}/messages",
        name="sendMessage",
        summary="Send without a socket; 200 is the same message again for a repeated client_id",
        service="threads",
        body=http.SendMessage,
        answers={201: Message, 200: Message},
        problems=("conflict",),
        limit="messages",
    ),
    Route(
        method="PUT",
        path=f"{_THREAD}/read",
        name="markRead",
        summary="I have read up to seq (monotone, clamped to head)",
        service="threads",
        body=http.MarkRead,
        answers={204: None},
    ),
    Route(
        method="GET",
        path="/api/search",
        name="search",
        summary="Full-text search in my threads, newest first",
        service="threads",
        query=http.SearchQuery,
        answers={200: http.Found},
        problems=("not-found",),
    ),
    Route(
        method="POST",
        path="/api/tictactoe/move",
        name="askMove",
        summary="The AI's move at tic-tac-toe, with its reason and the value of every other",
        service="game",
        session=False,
        body=tictactoe.AskMove,
        answers={200: tictactoe.MoveMade},
        limit="moves",
    ),
    Route(
        method="POST",
        path="/api/tictactoe/moves",
        name="askMoves",
        summary="The AI's moves for up to 64 positions, for bots",
        service="game",
        session=False,
        body=tictactoe.AskMoves,
        answers={200: tictactoe.MovesMade},
        limit="searches",
    ),
    Route(
        method="POST",
        path="/api/tictactoe/analyse",
        name="analyse",
        summary="Every legal move of a position: its end or an estimate, how the game may go on, the reason in words",
        service="game",
        session=False,
        body=tictactoe.AskAnalysis,
        answers={200: tictactoe.Analysis},
        limit="searches",
    ),
    Route(
        method="POST",
        path=f"{_THREAD}/games",
        name="offerGame",
        summary="Offer a game, or begin one with the AI; 200 is the same game again for a repeated client_id",
        service="game",
        body=games.OfferGame,
        answers={201: games.ThreadGame, 200: games.ThreadGame},
        problems=("conflict", "too-many-games"),
        limit="messages",
    ),
    Route(
        method="GET",
        path=f"{_THREAD}/games",
        name="listGames",
        summary="The games offered or played in a thread, or those that began within some seqs; and the score",
        service="game",
        query=games.GamesQuery,
        answers={200: games.ThreadGames},
    ),
    Route(
        method="GET",
        path="/api/games",
        name="myGames",
        summary="My games, offered or being played; turn=mine: those that wait for me",
        service="game",
        query=games.MyGamesQuery,
        answers={200: games.MyGames},
    ),
    Route(
        method="GET",
        path="/api/games/{id}",
        name="getGame",
        summary="One game of a thread of mine",
        service="game",
        answers={200: games.ThreadGame},
    ),
    Route(
        method="POST",
        path="/api/games/{id}/commands",
        name="actInGame",
        summary="Accept, decline, withdraw, move, resign, draw, take back, rematch",
        service="game",
        body=games.GameCommand,
        answers={200: games.ThreadGame},
        problems=("conflict", "stale", "not-now", "too-many-games"),
        limit="messages",
    ),
    Route(
        method="GET",
        path="/api/openapi.json",
        name="openapi",
        summary="This contract as OpenAPI 3.1",
        session=False,
        answers={200: dict[str, Any]},
    ),
    Route(
        method="GET",
        path="/api/asyncapi.json",
        name="asyncapi",
        summary="The socket as AsyncAPI 3",
        session=False,
        answers={200: dict[str, Any]},
    ),
    Route(
        method="GET",
        path="/api/docs",
        name="docs",
        summary="Both, to read",
        session=False,
        answers={200: str},
        page=True,
    ),
    Route(
        method="GET",
        path="/health/live",
        name="live",
        summary="Up",
        session=False,
        limit="none",
        answers={200: Health},
    ),
    Route(
        method="GET",
        path="/health/ready",
        name="ready",
        summary="Up and able to serve (redis may be degraded)",
        session=False,
        limit="none",
        answers={200: Health, 503: Health},
    ),
)

BY_NAME = {route.name: route for route in ROUTES}
ALWAYS = (
    "malformed",
    "too-slow",
    "unsupported-media-type",
    "expectation-failed",
    "misdirected",
    "headers-too-large",
)
"""The problems that any call can meet before anybody looks at what it asks."""


def problems_of(route: Route) -> list[str]:
    """The codes of the problems that a route can answer with, by status."""
    codes = {*ALWAYS, *route.problems}
    if route.session:
        codes.add("unauthenticated")
    if route.body is not None:
        codes |= {"too-large", "invalid"}
    if route.query is not None:
        codes.add("invalid")
    if "{" in route.path:
        codes.add("not-found")
    if route.method != "GET":
        codes.add("foreign-origin")
    if route.limit != "none":
        codes.add("rate-limited")
    if route.service or route.session or route.body is not None:
        codes.add("unavailable")
    return sorted(codes, key=lambda code: (KINDS[code].status, code))
