"""Every route of the game service."""

from aiohttp import web

from services.game import handlers

ROUTES = [
    web.post("/api/tictactoe/move", handlers.make_move),
]
