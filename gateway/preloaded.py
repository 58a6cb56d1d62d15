"""Answers that a page brings along, so that its scripts need not ask: the open thread's newest messages, how far they
are read, and its games.

Nothing else belongs there. A page is compressed, and the length of text compressed together with another person's
secrets would reveal something about them. Both members know all of a thread, and how far each has read.
"""

import asyncio
from contextlib import suppress
from http import HTTPStatus

import msgspec
from aiohttp import web
from markupsafe import Markup

from gateway.forward import fetch
from gateway.sessions import Login
from shared.wire.problems import Unavailable

_PATIENCE_S = 0.3
_PAGE = 50  # as models/history.js asks


class Preloaded(msgspec.Struct, frozen=True):
    """path: of the call. json: its answer, fit for a script element."""

    path: str
    json: Markup


class _Numbered(msgspec.Struct):
    seq: int


class _Page(msgspec.Struct):
    messages: list[_Numbered]
    more: bool


async def of_thread(request: web.Request, login: Login, peer: str) -> list[Preloaded]:
    """What can be had in a moment. The page does not wait for more: its scripts ask for whatever is missing."""
    preloaded: list[Preloaded] = []
    thread = f"/api/threads/{peer}"
    with suppress(Unavailable, TimeoutError, _RefusedError, msgspec.MsgspecError):
        async with asyncio.timeout(_PATIENCE_S):
            page = await _get(request, login, "threads", path := f"{thread}/messages?limit={_PAGE}")
            shown = msgspec.json.decode(page, type=_Page)
            preloaded.append(Preloaded(path, in_script(page)))
            first = shown.messages[0].seq if shown.more else 1
            games = await _get(request, login, "game", path := f"{thread}/games?from={first}")
            preloaded.append(Preloaded(path, in_script(games)))
    return preloaded


class _RefusedError(Exception):
    """The scripts are to hear it themselves."""


async def _get(request: web.Request, login: Login, service: str, path: str) -> bytes:
    """Raises _RefusedError, Unavailable."""
    answer = await fetch(request, service, path, login)
    if answer.status != HTTPStatus.OK:
        raise _RefusedError
    return answer.body


def in_script(json: bytes) -> Markup:
    """The same JSON without any `<`, so that nothing in it ends the script element or starts a comment."""
    return Markup(json.replace(b"<", rb"\u003c").decode())  # noqa: S704 - JSON has `<` within strings only
