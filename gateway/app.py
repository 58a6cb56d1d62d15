"""The gateway's composition root: settings -> parts -> lifetimes -> routes -> listeners."""

import asyncio
import contextlib
import warnings
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import aiohttp_jinja2
import aiohttp_session
import jinja2
from aiohttp import web

from gateway.config import GatewayConfig
from gateway.documents import DOCUMENTS, Documents
from gateway.health import HEALTH, Health
from gateway.keys import AUTH, GAME, LIMITS, NODES, SITE, STATIC, THREADS, TUNNELS, UPSTREAMS
from gateway.limits import Limits
from gateway.nodes import Nodes
from gateway.pages import error_page
from gateway.relays import finder
from gateway.request_pipeline import RequestPipeline, TracedPipeline
from gateway.routes import ROUTES
from gateway.server import PublicRunner
from gateway.sessions import SESSIONS, AuthStorage, SessionCache
from gateway.site import Site
from gateway.static_files import StaticFiles
from gateway.status import overview
from gateway.tunnel import Tunnels
from gateway.worker import WORKER, Worker, make
from shared.plumbing import identity
from shared.plumbing.app import (
    DRAIN,
    SIGNER,
    prepare,
    private_routes,
    private_runner,
)
from shared.plumbing.http.client import HttpClient
from shared.plumbing.http.rpc import peer
from shared.plumbing.limits.kept import kept
from shared.plumbing.limits.ledger import Ledger
from shared.plumbing.tasks import running
from shared.plumbing.telemetry import traces
from shared.plumbing.transport.address import Address, named
from shared.wire.http import MAX_BODY_BYTES

# aiohttp-session 2.12 keeps its session under plain strings; we cannot change that.
warnings.filterwarnings("ignore", category=web.NotAppKeyWarning, module="aiohttp_session")
HERE = Path(__file__).parent
_GRACE_S = 2.0
_FIRST_LOOK_S = 2.0


def build(config: GatewayConfig, static: StaticFiles | None = None) -> web.Application:
    """The public application. It is served behind its RequestPipeline: see `runners`.

    static: where they have been read already.
    """
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    prepare(app)
    app[SIGNER], _ = identity.load("gateway", config.keys)
    app[SITE] = Site(config)
    ledger = Ledger()
    app[LIMITS] = Limits(ledger, on=config.limited)
    app[STATIC] = static or StaticFiles(HERE / "static", reread=config.dev)
    app[DOCUMENTS] = Documents(keep=not config.dev)
    app[TUNNELS] = Tunnels()
    app[DRAIN].append(_close_tunnels)
    aiohttp_session.setup(app, AuthStorage(app[SITE]))
    environment = aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(HERE / "templates"))
    environment.auto_reload = config.dev
    environment.globals["static"] = app[STATIC].url
    app[WORKER] = Worker(partial(make, app), keep=not config.dev)
    app.add_routes(ROUTES)
    if config.redis_url:
        app.cleanup_ctx.append(kept(ledger, config.redis_url))
    app.cleanup_ctx.append(partial(_other_programs, config))
    return app


def runners(app: web.Application, config: GatewayConfig) -> dict[web.AppRunner, list[Address]]:
    """The public listener, and the private one for health and metrics."""
    entrance = RequestPipeline if traces.tracer is None else TracedPipeline
    public = PublicRunner(app, entrance(app, error_page), shutdown_timeout=_GRACE_S)
    return {
        public: [Address(host=config.bind, port=config.port)],
        private_runner(app, _private_routes(app)): [Address.parse(config.listen), *config.metrics_addresses],
    }


def _private_routes(app: web.Application) -> list[web.RouteDef]:
    """As every program's; the gateway's status is that of them all."""
    routes = [route for route in private_routes() if route.path != "/status"]
    return [*routes, web.get("/status", partial(overview, app))]


async def _other_programs(config: GatewayConfig, app: web.Application) -> AsyncIterator[None]:
    urls = {
        "auth": config.auth_url,
        "threads": config.threads_url,
        "game": config.game_url,
        "media": config.media_url,
        "notify": config.notify_url,
    }
    addresses = {program: Address.parse(url) for program, url in urls.items()}
    upstreams = {program: HttpClient(program, address) for program, address in addresses.items()}
    app[UPSTREAMS] = upstreams
    find = finder(config.relay_urls)
    app[NODES] = Nodes({} if find else named(config.relay_urls))
    if find:  # once before anybody comes, unless nobody answers
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_LOOK_S):
                await app[NODES].look(find)
    app[HEALTH] = Health(addresses, app[NODES])
    async with (
        peer("auth", config.auth_url, app[SIGNER]) as auth,
        peer("threads", config.threads_url, app[SIGNER]) as threads,
        peer("game", config.game_url, app[SIGNER]) as game,
    ):
        app[AUTH], app[THREADS], app[GAME] = auth, threads, game
        app[SESSIONS] = SessionCache(auth)
        follow = [partial(app[NODES].follow, find)] if find else []
        async with running(app[SESSIONS].poll_ended, app[NODES].poll, *follow):
            yield
    app[NODES].close()
    app[HEALTH].close()
    for upstream in upstreams.values():
        upstream.close()


async def _close_tunnels(app: web.Application) -> None:
    await app[TUNNELS].drain()
