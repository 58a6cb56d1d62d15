"""The HTTP side: parse, call, serialize."""

from random import Random

from aiohttp import web

from services.game import answers
from shared.plumbing.web import allow, read_json
from shared.wire.tictactoe import AskMove

CHANCE = web.AppKey("chance", Random)


@allow("gateway")
async def make_move(request: web.Request) -> web.Response:
    """POST /api/tictactoe/move: 200 the AI's move; 422 an impossible or finished board, or not on turn."""
    asked = await read_json(request, AskMove)
    return web.Response(body=answers.answer(asked, request.app[CHANCE]), content_type="application/json")
