"""What the handlers of the gateway share, by typed keys."""

from aiohttp import web

from gateway.limits import Limits
from gateway.nodes import Nodes
from gateway.site import Site
from gateway.static_files import StaticFiles
from gateway.tunnel import Tunnels
from shared.plumbing.http.client import HttpClient
from shared.plumbing.http.rpc import Peer

AUTH = web.AppKey("auth", Peer)
GAME = web.AppKey("game", Peer)
LIMITS = web.AppKey("limits", Limits)
NODES = web.AppKey("nodes", Nodes)
SITE = web.AppKey("site", Site)
STATIC = web.AppKey("static", StaticFiles)
THREADS = web.AppKey("threads", Peer)
TUNNELS = web.AppKey("tunnels", Tunnels)
UPSTREAMS = web.AppKey("upstreams", dict[str, HttpClient])

ADDRESS = web.RequestKey("address", str)
"""The client's address."""
REQUEST_ID = web.RequestKey("request_id", str)
