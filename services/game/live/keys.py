"""Where handlers find the live games."""

from aiohttp import web

from services.game.live.availability import Live

LIVE = web.AppKey("live", Live)
