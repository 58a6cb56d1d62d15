"""Inviting somebody, and accepting it: auth keeps the invitations; threads and game hear of one that is accepted."""

import segno
from aiohttp import web

from gateway.admission import admit_login
from gateway.forward import read_as
from gateway.keys import ADDRESS, AUTH, GAME, SITE, THREADS
from gateway.sessions import Login
from shared.plumbing.http.rpc import Peer
from shared.plumbing.http.web import json_response
from shared.wire.games import InvitedGame, ThreadGame
from shared.wire.http import Me
from shared.wire.invites import (
    AcceptInvite,
    Invited,
    InvitedOffer,
    InviteToken,
    LookAtInvite,
    MadeInvite,
    MakeInvite,
    NewInvite,
    UseInvite,
)
from shared.wire.link import AppendBatch, AppendItem
from shared.wire.log_calls import AppendedItems
from shared.wire.messages import JOINED
from shared.wire.problems import FieldError, Internal, Invalid, Problem, TooManyGames, from_document

_QUIET_ZONE = 4
"""Modules of white around a QR code; with less, some cameras do not find it on a dark page."""


async def make(request: web.Request) -> web.Response:
    """POST /api/invites: 201 MadeInvite; 401, 408, 409, 422, 429."""
    login = await admit_login(request)
    wanted = await read_as(request, NewInvite)
    if wanted.game is not None:
        await _check(request.app[GAME], wanted.game)
    made = await request.app[AUTH].call(
        "POST", "/internal/invites", MakeInvite(login.info.user, wanted.game), of=InviteToken
    )
    url = request.app[SITE].address(request.host, f"/i/{made.token}")
    return json_response(MadeInvite(made.id, url, qr(url), made.expires_at), status=201)


async def accept(request: web.Request) -> web.Response:
    """POST /api/invites/accept: 200 Me, who invited; 401, 404, 408, 409, 410, 422, 429."""
    login = await admit_login(request)
    asked = await read_as(request, AcceptInvite)
    use = UseInvite(asked.token, request[ADDRESS], login.info.user)
    invited = await request.app[AUTH].call("POST", "/internal/invites/use", use, of=Invited, idempotent=True)
    await _tell(request.app, invited, login)
    return json_response(Me(invited.username, invited.display_name))


async def look(app: web.Application, token: str, address: str) -> Invited:
    """What an invitation is; nothing is used by it. Raises RateLimited, NotFound, Unavailable."""
    return await app[AUTH].call(
        "POST", "/internal/invites/look", LookAtInvite(token, address), of=Invited, idempotent=True
    )


def qr(url: str) -> str:
    """Its QR code as the address of an image, dark on white whatever is around it."""
    code = segno.make_qr(url, error="m")
    return code.svg_data_uri(border=_QUIET_ZONE, dark="#000", light="#fff", svgns=True, omitsize=True)


async def _check(game: Peer, wanted: InvitedGame) -> None:
    """Raises Invalid."""
    try:
        await game.call("POST", "/internal/offers/check", wanted, of=type(None), idempotent=True)
    except Problem as problem:
        if problem.kind != Invalid.kind:
            raise
        raise Invalid([FieldError(f"/game{each.pointer}", each.detail) for each in problem.errors]) from None


async def _tell(app: web.Application, invited: Invited, login: Login) -> None:
    """The thread has an event of it, and the offer of a game. Both once, however often the guest accepts."""
    guest = login.info
    joined = AppendItem(
        guest.user, guest.username, invited.username, JOINED, invited.id, "{}", peer=invited.inviter
    )
    answer = await app[THREADS].call(
        "POST", "/internal/append", AppendBatch(0, "", [joined]), of=AppendedItems, idempotent=True
    )
    [result] = answer.results
    if result.delivery is None:
        raise from_document(result.problem) if result.problem else Internal()
    if invited.game is not None:
        await _offer(
            app[GAME],
            InvitedOffer(invited.id, invited.inviter, invited.username, guest.username, invited.game),
        )


async def _offer(game: Peer, offer: InvitedOffer) -> None:
    try:
        await game.call("POST", "/internal/offers", offer, of=ThreadGame, idempotent=True)
    except Problem as problem:
        if problem.kind != TooManyGames.kind:  # then the two have enough to play
            raise
