"""Where handlers find the parts of the running node."""

from aiohttp import web

from services.relay.node import Node

NODE = web.AppKey("node", Node)
