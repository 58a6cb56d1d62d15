"""The page of an invitation, for who was sent the link. Looking at it uses nothing; scripts accept it."""

import re
from http import HTTPStatus
from typing import Literal

import msgspec
from aiohttp import web
from msgspec import UNSET

from gateway.admission import admit
from gateway.invitations import look
from gateway.keys import ADDRESS
from gateway.pages import named, rendered
from shared.wire.games import InvitedGame
from shared.wire.invites import Invited
from shared.wire.problems import NotFound, Problem
from shared.wire.tictactoe import VariantName, VariantSpec

_TOKEN = re.compile(r"[\w-]{1,64}\Z", re.ASCII)
_KEPT_SECRET = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
"""The address is the invitation: no other page is to learn it."""

View = Literal["open", "own", "yours", "used", "taken-back", "expired", "unknown"]
_STATUSES: dict[View, HTTPStatus] = {
    "used": HTTPStatus.GONE,
    "taken-back": HTTPStatus.GONE,
    "expired": HTTPStatus.GONE,
    "unknown": HTTPStatus.NOT_FOUND,
}
_NAMES: dict[VariantName, str] = {
    "classic": "tic-tac-toe",
    "misere": "misère: three in a row loses",
    "ultimate": "ultimate tic-tac-toe",
}
_SIDES: dict[VariantName, int] = {"classic": 3, "misere": 3, "ultimate": 9}


class Board(msgspec.Struct, frozen=True):
    """What is drawn of a game. every: how many cells there are between strong lines, 0 for none."""

    name: str
    columns: int
    rows: int
    every: int


async def invitation(request: web.Request) -> web.Response:
    """GET /i/{token}: 200; 404 for no invitation, 410 for one that is over."""
    login = await admit(request)
    invited = await _invited(request)
    view = _view(invited, login.info.user if login else None)
    me = named(login) if login else None
    game = invited.game if invited else None
    shown = (
        {"board": board(game.spec), "terms": terms(game, invited.display_name)} if invited and game else {}
    )
    response = rendered(request, "invite", me, view=view, invited=invited, **shown)
    response.set_status(_STATUSES.get(view, HTTPStatus.OK))
    response.headers.update(_KEPT_SECRET)
    return response


def board(spec: VariantSpec) -> Board:
    """Of a game that nobody has begun."""
    if spec.m is UNSET or spec.n is UNSET:
        side = _SIDES[spec.variant]
        return Board(_NAMES[spec.variant], side, side, 3 if spec.variant == "ultimate" else 0)
    return Board(f"tic-tac-toe on {spec.m} × {spec.n}, {spec.k} in a row", spec.m, spec.n, 0)


async def _invited(request: web.Request) -> Invited | None:
    """None if there is none. Raises RateLimited, Unavailable."""
    token = request.match_info["token"]
    if not _TOKEN.match(token):
        return None
    try:
        return await look(request.app, token, request[ADDRESS])
    except Problem as problem:
        if problem.kind != NotFound.kind:
            raise
        return None


def _view(invited: Invited | None, viewer: int | None) -> View:
    if invited is None:
        return "unknown"
    if viewer == invited.inviter:
        return "own"
    if viewer is not None and viewer == invited.used_by:
        return "yours"
    return invited.state


def terms(game: InvitedGame, inviter: str) -> str:
    """Who plays what, in a sentence to the guest."""
    if game.toss:
        return "Lots are drawn for who starts."
    side, other = ("X", game.o) if game.x == "peer" else ("O", game.x)
    against = inviter if other == "me" else f"the AI ({other})"
    return f"You play {side}{' and start' if side == 'X' else ''}, against {against}."
