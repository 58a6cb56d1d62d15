"""Calls by the gateway about games of invitations: parse, call, serialize."""

from aiohttp import web

from services.game.live import rules
from services.game.live.keys import LIVE
from shared.plumbing.http.web import allow, json_response, read_json
from shared.plumbing.identity import User
from shared.wire.games import InvitedGame
from shared.wire.invites import InvitedOffer


@allow("gateway")
async def check_offer(request: web.Request) -> web.Response:
    """Whether a guest could be offered that game."""
    rules.check_invited(await read_json(request, InvitedGame))
    return web.Response(status=204)


@allow("gateway")
async def offer_to_guest(request: web.Request) -> web.Response:
    """Offer the game of an invitation that was accepted, in its inviter's name; once."""
    asked = await read_json(request, InvitedOffer)
    inviter = User(
        asked.inviter, asked.inviter_name, asked.invite
    )  # who vouches is the gateway, not a session
    offer = asked.game.offer(asked.invite)
    game, created = await request.app[LIVE].games.offer(inviter, asked.guest_name, offer)
    return json_response(game, status=201 if created else 200)
