"""Every route of the game service. What programs call is declared here; the public calls, in gateway/contract.py."""

from aiohttp import web

from services.game import handlers
from services.game.live import handlers as live
from services.game.live import internal
from shared.contract.internal import post
from shared.wire.games import InvitedGame, ThreadGame
from shared.wire.invites import InvitedOffer
from shared.wire.problems import Conflict, NotFound, TooManyGames

ROUTES = [
    web.post("/api/tictactoe/move", handlers.make_move),
    web.post("/api/tictactoe/moves", handlers.make_moves),
    web.post("/api/tictactoe/analyse", handlers.analyse),
    web.post("/api/threads/{username}/games", live.offer),
    web.get("/api/threads/{username}/games", live.of_thread),
    web.get("/api/games", live.mine),
    web.get("/api/games/{id}", live.one),
    web.post("/api/games/{id}/commands", live.act),
    post("/internal/offers/check", internal.check_offer, InvitedGame, {204: None}),
    post(
        "/internal/offers",
        internal.offer_to_guest,
        InvitedOffer,
        {201: ThreadGame, 200: ThreadGame},
        NotFound,
        Conflict,
        TooManyGames,
    ),
]
