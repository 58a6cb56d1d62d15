"""The game service, wired."""

from collections.abc import AsyncIterator
from functools import partial
from random import Random

from aiohttp import web

from services.game.allowance import Allowance
from services.game.classic.solver import solve
from services.game.config import Config
from services.game.engine import Engine
from services.game.keys import ALLOWANCE, ENGINE
from services.game.live.lifetime import living
from services.game.routes import ROUTES
from services.game.variants.spec import MISERE
from services.game.workers import Workers
from shared.plumbing.app import READY_CHECKS, build_app
from shared.plumbing.limits.kept import Lifetime, kept
from shared.plumbing.limits.ledger import Ledger


def build(config: Config) -> web.Application:
    """Settings → solved game, engine → live games → routes. The AI's endpoints work without live games."""
    solve()
    solve(MISERE)
    ledger = Ledger()
    counting = [kept(ledger, config.redis_url)] if config.redis_url else []
    lifetimes: list[Lifetime] = [*counting, partial(thinking, config), partial(living, config)]
    app = build_app("game", config, ROUTES, lifetimes)
    app[ALLOWANCE] = Allowance(ledger, on=config.limited)
    return app


async def thinking(config: Config, app: web.Application) -> AsyncIterator[None]:
    """The engine, with its worker processes."""
    async with Workers(config.engine_workers).running() as workers:
        app[ENGINE] = Engine(Random(), workers)  # noqa: S311  # chance for a board game
        app[READY_CHECKS]["engine"] = workers.check
        yield
