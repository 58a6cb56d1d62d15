"""Whether the gateway can serve: asked of every part, at most once a second."""

import asyncio
import time
from collections.abc import Mapping

import msgspec
from aiohttp import web

from gateway.nodes import Nodes, redis_of
from shared.plumbing.app import STATE
from shared.plumbing.http.client import HEALTH_TIMEOUT_S, HttpClient
from shared.plumbing.http.head import open_head
from shared.plumbing.http.web import open_to_all
from shared.plumbing.telemetry import readiness
from shared.plumbing.transport.address import Address
from shared.wire.problems import Unavailable

_KEPT_S = 1.0
_READY = "/health/ready"
_CORE = frozenset({"auth", "threads"})
"""Without these, and without any relay, nobody can talk; without the others people can."""
_NOT_PARTS = frozenset({"status", "version", "redis"})
"""Of what a part says. Redis has a place of its own."""


class Health:
    """What the parts say, asked over `clients`. redis: "degraded" if any of them says so, and what is wrong with it."""

    def __init__(self, addresses: Mapping[str, Address], nodes: Nodes) -> None:
        self.clients = {
            name: HttpClient(name, address, HEALTH_TIMEOUT_S) for name, address in addresses.items()
        }
        self._nodes = nodes
        self._asked_at = float("-inf")
        self._answers: dict[str, str] = {}
        self._asking = asyncio.Lock()

    async def answers(self) -> dict[str, str]:
        """Part -> "ok", "degraded", or what is wrong with it."""
        async with self._asking:
            if time.monotonic() - self._asked_at >= _KEPT_S:
                said = await asyncio.gather(*map(_ask, self.clients.values()))
                parts = {name: _so(name, state) for name, (state, _) in zip(self.clients, said, strict=True)}
                wrong = ({redis for _, redis in said} | self._nodes.redis) - {"ok"}
                why = "; ".join(sorted(wrong - {"degraded"}))
                self._answers = {
                    **parts,
                    "relays": "ok" if self._nodes.up else "failing: none is ready",
                    "redis": f"degraded: {why}" if why else "degraded" if wrong else "ok",
                }
                self._asked_at = time.monotonic()
        return self._answers

    def close(self) -> None:
        """Ends the kept-alive connections."""
        for upstream in self.clients.values():
            upstream.close()


HEALTH = web.AppKey("health", Health)


async def _ask(upstream: HttpClient) -> tuple[str, str]:
    """The part's state, and what it says of redis ("ok" if nothing).

    One that only drains serves on, and the next will be asked soon: were it failing, all gateways would be unready at
    once whenever one of several is replaced.
    """
    try:
        answer = await upstream.ask(open_head(_READY, upstream.program))
        said = msgspec.json.decode(answer.body, type=dict[str, str])
    except (Unavailable, msgspec.DecodeError, msgspec.ValidationError):
        return "failing: it does not answer", "ok"
    parts = [text for name, text in said.items() if name not in _NOT_PARTS]
    if answer.status != 200 and any(text.startswith(readiness.FAILING) for text in parts):
        return "failing: it is not ready", redis_of(said)
    return readiness.DEGRADED if readiness.DEGRADED in parts else "ok", redis_of(said)


def _so(name: str, state: str) -> str:
    return state if name in _CORE or state == "ok" else readiness.DEGRADED


@open_to_all
async def ready(request: web.Request) -> web.Response:
    """GET /health/ready: 200 if auth, threads and a relay can serve, else 503."""
    answers = await request.app[HEALTH].answers()
    return readiness.answer(answers, draining=request.app[STATE]["draining"], query=request.query)
