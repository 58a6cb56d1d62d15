"""The HTTP side of the AI: parse, call, serialize."""

import time
from functools import partial

import msgspec
from aiohttp import web

from services.game.allowance import Account
from services.game.classic import answers as classic
from services.game.errors import BadMove
from services.game.keys import ALLOWANCE, ENGINE
from services.game.variants import answers as variants
from shared.plumbing.http.web import allow, json_response, read_json
from shared.plumbing.limits.rate_limit_key import rate_limit_key
from shared.wire import codec
from shared.wire.problems import Unavailable
from shared.wire.tictactoe import AskAnalysis, Asked, AskMove, AskMoves

_BATCH_MS = 3000
_BATCH_TIMEOUT_S = 4.0
"""The gateway waits only a second longer, so any search after that would be for nobody."""


@allow("gateway")
async def make_move(request: web.Request) -> web.Response:
    """POST /api/tictactoe/move: 200 the AI's move; 422 what cannot be asked; 429, 503 where a search is needed."""
    asked = await read_json(request, AskMove)
    body = await _answer(request, asked, asked.time_limit_ms)
    return web.Response(body=body, content_type="application/json")


@allow("gateway")
async def make_moves(request: web.Request) -> web.Response:
    """POST /api/tictactoe/moves: 200 a move for each position; 422 if one cannot be asked; 429, 503."""
    batch = await read_json(request, AskMoves)
    wanted_ms = sum(asked.time_limit_ms for asked in batch.positions if _searched(asked))
    share = min(1.0, _BATCH_MS / wanted_ms) if wanted_ms else 1.0
    for at, asked in enumerate(batch.positions):
        try:
            variants.board_of(asked)
        except BadMove as error:
            raise error.within(f"/positions/{at}") from None
    deadline, bodies = time.monotonic() + _BATCH_TIMEOUT_S, []
    for asked in batch.positions:
        if time.monotonic() > deadline:
            raise Unavailable("These positions take too long together: ask for fewer at once")
        body = await _answer(request, asked, max(10, int(asked.time_limit_ms * share)))
        bodies.append(msgspec.Raw(body))
    return json_response({"moves": bodies})


@allow("gateway")
async def analyse(request: web.Request) -> web.Response:
    """POST /api/tictactoe/analyse: 200 every legal move's worth; 422; 429, 503 where a search is needed."""
    asked = await read_json(request, AskAnalysis)
    board = variants.board_of(asked)
    found = await request.app[ENGINE].study(
        asked.spec,
        board,
        seed=_given(asked.seed),
        time_limit_ms=asked.time_limit_ms,
        account=_account(request),
    )
    return json_response(variants.analysis(asked.spec, board, found))


async def _answer(request: web.Request, asked: AskMove, time_limit_ms: int) -> bytes:
    engine, seed = request.app[ENGINE], _given(asked.seed)
    if asked.variant == "classic":
        return classic.answer(asked, engine.chance(seed))
    board = variants.board_of(asked)
    move, found = await engine.move(
        asked.spec,
        board,
        asked.level,
        seed=seed,
        time_limit_ms=time_limit_ms,
        account=_account(request),
    )
    return codec.encode(variants.made(asked.spec, board, move, found))


def _searched(asked: Asked) -> bool:
    return asked.variant in ("mnk", "ultimate")


def _given(seed: int | msgspec.UnsetType) -> int | None:
    return None if seed is msgspec.UNSET else seed


def _account(request: web.Request) -> Account:
    """The caller's address, as the gateway says."""
    return partial(request.app[ALLOWANCE].search, rate_limit_key(request.headers.get("X-Forwarded-For", "")))
