"""The game service, wired."""

from functools import partial
from random import Random

from aiohttp import web

from services.game.config import Config
from services.game.engine import ENGINE, Engine
from services.game.handlers import CHANCE
from services.game.live.parts import living
from services.game.routes import ROUTES
from services.game.solver import solve
from shared.plumbing.app import build_app


def build(config: Config) -> web.Application:
    """Settings → solved game, engine → live games → routes; the AI's endpoints need no other part."""
    solve()
    app = build_app("game", config, ROUTES, [partial(living, config)])
    app[CHANCE] = Random()  # noqa: S311  # chance for a board game
    app[ENGINE] = Engine(app[CHANCE])
    return app
