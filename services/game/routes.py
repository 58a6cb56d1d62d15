"""Every route of the game service, all of them public: declared in gateway/contract.py."""

from aiohttp import web

from services.game import handlers
from services.game.live import handlers as live

ROUTES = [
    web.post("/api/tictactoe/move", handlers.make_move),
    web.post("/api/tictactoe/moves", handlers.make_moves),
    web.post("/api/tictactoe/analyse", handlers.analyse),
    web.post("/api/threads/{username}/games", live.offer),
    web.get("/api/threads/{username}/games", live.of_thread),
    web.get("/api/games", live.mine),
    web.get("/api/games/{id}", live.one),
    web.post("/api/games/{id}/commands", live.act),
]
