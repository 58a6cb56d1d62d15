"""Where handlers find the parts of the running service."""

from aiohttp import web

from services.game.allowance import Allowance
from services.game.engine import Engine

ALLOWANCE = web.AppKey("allowance", Allowance)
ENGINE = web.AppKey("engine", Engine)
