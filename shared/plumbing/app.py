"""A program's life: build, listen, say when it is ready, drain, end."""

import asyncio
import contextlib
import gc
import resource
import signal
import ssl
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import structlog
import uvloop
from aiohttp import http_parser, web
from aiohttp.typedefs import Handler

from shared.plumbing import failpoints, identity
from shared.plumbing.http.traced import trace
from shared.plumbing.http.web import VERIFIER, check_identity, json_response, open_to_all, problems
from shared.plumbing.settings import config as configuration
from shared.plumbing.settings.known import SettingError, one
from shared.plumbing.settings.tracing import Tracing, tracing
from shared.plumbing.telemetry import log, metrics, readiness, traces
from shared.plumbing.telemetry.readiness import ReadyCheck
from shared.plumbing.telemetry.status import status_of
from shared.plumbing.transport import tls
from shared.plumbing.transport.address import Address
from shared.version import VERSION
from shared.wire.http import MAX_BODY_BYTES

Hook = Callable[[web.Application], Awaitable[None]]

SIGNER = web.AppKey("signer", identity.Signer)
READY_CHECKS = web.AppKey("ready_checks", dict[str, ReadyCheck])
DRAIN = web.AppKey("drain", list[Hook])
"""Called at SIGTERM, once the program has said for long enough that it is not ready, before it stops listening."""
STATE = web.AppKey("state", dict[str, bool])
REQUEST_ID_HEADER = "X-Request-Id"

_GRACE_S = 2.0
_COLLECT_AFTER = (10_000, 20, 50)
"""Thresholds of the collector's three generations. With Python's own, 700, it would run several times a batch."""
C = TypeVar("C", bound=configuration.BaseConfig)


def build_app(
    program: str,
    config: configuration.BaseConfig,
    routes: Sequence[web.AbstractRouteDef],
    lifetimes: Sequence[Callable[[web.Application], Any]] = (),
) -> web.Application:
    """An internal service: request ids, metrics, problem+json, identity, health. lifetimes: cleanup contexts."""
    signer, keys = identity.load(program, config.keys)
    traced = [] if traces.tracer is None else [trace]
    app = web.Application(
        middlewares=[request_id, *traced, metrics.measure, problems, check_identity],
        client_max_size=MAX_BODY_BYTES,
    )
    app[SIGNER] = signer
    app[VERIFIER] = identity.Verifier(program, keys)
    prepare(app)
    app.add_routes([*routes, *private_routes()])
    app.cleanup_ctx.extend(lifetimes)
    return app


def prepare(app: web.Application) -> None:
    """The state that health and draining need."""
    app[READY_CHECKS] = {}
    app[DRAIN] = []
    app[STATE] = {"draining": False}


def private_routes() -> list[web.RouteDef]:
    """Health, metrics and status."""
    return [
        web.get("/health/live", live),
        web.get("/health/ready", ready),
        web.get("/metrics", metrics.expose),
        web.get("/status", status),
    ]


@web.middleware
async def request_id(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Puts the request's id on everything logged while it is served; sends the caller elsewhere next, once we drain."""
    log.REQUEST_ID.set((request.headers.get(REQUEST_ID_HEADER) or uuid4().hex)[:64])
    response = await handler(request)
    if request.app[STATE]["draining"]:
        response.force_close()  # the caller's next connection goes to somebody who stays
    return response


@open_to_all
async def live(request: web.Request) -> web.Response:
    """GET /health/live: the process answers."""
    return json_response({"status": "up", "version": VERSION})


@open_to_all
async def ready(request: web.Request) -> web.Response:
    """GET /health/ready: 200 if every dependency lets this program serve, else 503; each is named."""
    checks = request.app[READY_CHECKS]
    parts = await readiness.ask_all(checks)
    return readiness.answer(parts, draining=request.app[STATE]["draining"], query=request.query)


@open_to_all
async def status(request: web.Request) -> web.Response:
    """GET /status: how this program does, for its operator."""
    checks = request.app[READY_CHECKS]
    parts = await readiness.ask_all(checks)
    return json_response(status_of(parts, draining=request.app[STATE]["draining"]))


def run(
    program: str,
    of: type[C],
    build: Callable[[C], web.Application],
    *,
    runner: type[web.AppRunner] = web.AppRunner,
) -> None:
    """The whole of a program's __main__: settings, log, event loop, signals. `--check-config` only prints."""
    config = begin(program, of)

    async def main() -> None:
        app = build(config)
        await serve_runners(
            app, listeners(app, config, runner), config.drain_delay_s, Address.parse(config.listen)
        )

    uvloop.run(main())


def begin(program: str, of: type[C]) -> C:
    """Settings, log, what the platform must have. Ends the process after `--check-config`."""
    config = configuration.read(of, prefer=program)
    try:
        told = tracing()
    except SettingError as error:
        sys.exit(f"duet: {error}")
    if "--check-config" in sys.argv[1:]:
        sys.stdout.write(configuration.printable(config, prefer=program) + "\n")
        sys.exit()
    failpoints.arm(one("DUET_FAILPOINTS"))
    node = getattr(config, "node", program)
    log.configure(node, config.log_level)
    if told is not None:
        _take_traces(program, node, told)
    if not http_parser.HttpRequestParser.__module__.endswith("_http_parser"):
        sys.exit("duet: aiohttp runs without its C extensions; install a wheel for this platform")
    try:
        tls.arm(config.tls_dir)
    except OSError as error:
        sys.exit(f"duet: the certificates in DUET_TLS_DIR cannot be used: {error}")
    raise_open_files_limit()
    return config


def _take_traces(program: str, node: str, told: Tracing) -> None:
    from shared.plumbing.telemetry.trace_export import SpanExport  # 10 MB, which nobody else has to pay for

    traces.tracer = traces.Tracer(told.ratio, SpanExport(program, node, told.endpoint).take)


def raise_open_files_limit() -> None:
    """A socket is a file: take as many as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def listeners(
    app: web.Application, config: configuration.BaseConfig, runner: type[web.AppRunner] = web.AppRunner
) -> dict[web.AppRunner, list[Address]]:
    """A service's: its own, and the one that shows nothing but how it does."""
    made = runner(app, access_log=None, shutdown_timeout=_GRACE_S, handle_signals=False)
    return {
        made: [Address.parse(config.listen)],
        private_runner(app, private_routes()): config.metrics_addresses,
    }


def private_runner(app: web.Application, routes: Sequence[web.AbstractRouteDef]) -> web.AppRunner:
    """For listeners where nothing of `app` is to be had but how it does."""
    private = web.Application()
    private.add_routes(routes)
    private[STATE], private[READY_CHECKS] = app[STATE], app[READY_CHECKS]
    return web.AppRunner(private, access_log=None, shutdown_timeout=_GRACE_S, handle_signals=False)


async def serve_runners(
    app: web.Application,
    runners: Mapping[web.AppRunner, Sequence[Address]],
    drain_delay_s: float = 0.0,
    private: Address | None = None,
) -> None:
    """Listens until SIGTERM or SIGINT, then drains: not ready, hooks, no new connections, the end.

    app: whose state and drain hooks count. drain_delay_s: how long it serves on, not ready, until whoever sends it
    callers has noticed. A second signal ends that. private: where other programs call, by mutual TLS if there is any.
    """
    async with contextlib.AsyncExitStack() as stack:
        for runner, addresses in runners.items():
            stack.push_async_callback(runner.cleanup)
            await runner.setup()
            for address in addresses:
                await listen(runner, address, tls.listener() if address == private else None)
                structlog.get_logger().info("listening", address=address.path or address.origin)
        _spare_the_collector()
        await _stop_signal()
        app[STATE]["draining"] = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(drain_delay_s):
                await _stop_signal()
        for hook in app[DRAIN]:
            await hook(app)


def _spare_the_collector() -> None:
    """Everything loaded so far stays, so the cyclic collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


async def listen(runner: web.AppRunner, address: Address, security: ssl.SSLContext | None = None) -> None:
    """Adds one listening socket to a runner. security: not for a Unix socket."""
    if address.path:
        Path(address.path).unlink(missing_ok=True)
        await web.UnixSite(runner, address.path, backlog=1024).start()
        Path(address.path).chmod(0o600)
    else:
        site = web.TCPSite(runner, address.host, address.port, backlog=1024, ssl_context=security)
        await site.start()


async def _stop_signal() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
