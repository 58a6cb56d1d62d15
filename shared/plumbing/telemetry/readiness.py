"""Whether a program can serve, in three words.

ready: it and all its parts. degraded: it serves, though a part of it is away, and goes on being asked (200). unready:
it can serve nobody, or is about to end (503).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from shared.plumbing.http.web import json_response
from shared.version import VERSION

ReadyCheck = Callable[[], Awaitable[str]]
"""Asks one part: "ok", or "degraded" (the program serves without it; "degraded: why"), or raises (it cannot)."""

READY, DEGRADED, UNREADY = "ready", "degraded", "unready"
FAILING = "failing"
_WITHIN_S = 2.0
_SPARED_WITHIN_S = 1.0


async def ask_all(checks: Mapping[str, ReadyCheck]) -> dict[str, str]:
    """Part -> "ok", "degraded", or "failing" and what is wrong."""
    answers = await asyncio.gather(*map(_ask, checks.values()))
    return dict(zip(checks, answers, strict=True))


async def _ask(check: ReadyCheck) -> str:
    try:
        async with asyncio.timeout(_WITHIN_S):
            return await check()
    except Exception as error:  # a check may fail in any way: each means not ready
        return f"{FAILING}: {type(error).__name__}"


def spared(check: ReadyCheck) -> ReadyCheck:
    """Of a part without which the program serves: where that is away or hangs, it is degraded."""

    async def check_spared() -> str:
        try:
            async with asyncio.timeout(_SPARED_WITHIN_S):
                return await check()
        except Exception:  # whatever it is, the program serves without
            return DEGRADED

    return check_spared


def answer(parts: Mapping[str, str], *, draining: bool, query: Mapping[str, str]) -> web.Response:
    """What /health/ready says, with the version of the build. Why a part is degraded is beside it, as `<part>_why`.

    With `?draining=404` a balancer can tell who drains, and must not be cut off, from who cannot serve.
    """
    status = UNREADY if draining else worst(parts)
    said, reasons = {"status": status}, {}
    for name, part in parts.items():
        if part.startswith(f"{DEGRADED}: "):
            part, _, reasons[f"{name}_why"] = part.partition(": ")
        said[name] = part
    said["version"] = VERSION
    unready = 404 if draining and query.get("draining") == "404" else 503
    return json_response({**said, **reasons}, status=unready if status == UNREADY else 200)


def worst(parts: Mapping[str, str]) -> str:
    """The word for a program with these parts."""
    if all(part == "ok" for part in parts.values()):
        return READY
    return DEGRADED if all(part == "ok" or part.startswith(DEGRADED) for part in parts.values()) else UNREADY
