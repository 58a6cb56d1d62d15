"""Where a proxy can stand: between which programs, and how they are told to go through it."""

import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from shared.plumbing.transport.address import named
from tests.chaos.proxy import Proxy, proxy

FRONT = "front"
"""Between the people and the gateway."""


@dataclass(frozen=True)
class Line:
    """programs: who is told. variable: what they are told otherwise."""

    programs: tuple[str, ...]
    variable: str


LINES = {
    "relays-threads": Line(("relay-1", "relay-2", "relay-3"), "DUET_THREADS_URL"),
    "relays-auth": Line(("relay-1", "relay-2", "relay-3"), "DUET_AUTH_URL"),
    "gateway-auth": Line(("gateway",), "DUET_AUTH_URL"),
    "gateway-threads": Line(("gateway",), "DUET_THREADS_URL"),
    "gateway-relay-1": Line(("gateway",), "DUET_RELAY_URLS"),
    "threads-postgres": Line(("threads",), "DUET_THREADS_POSTGRES_URL"),
    "all-redis": Line(("*",), "DUET_REDIS_URL"),
    "threads-redis": Line(("threads",), "DUET_REDIS_URL"),
}


@contextlib.asynccontextmanager
async def proxies(
    lines: Iterable[str], directory: Path, told: Mapping[str, str], front_port: int
) -> AsyncIterator[tuple[dict[str, Proxy], dict[str, dict[str, str]]]]:
    """The proxies by line, and the overrides that lead through them. told: the usual addresses."""
    opened: dict[str, Proxy] = {}
    overrides: dict[str, dict[str, str]] = defaultdict(dict)
    async with contextlib.AsyncExitStack() as stack:
        for name in lines:
            if name == FRONT:
                upstream = f"127.0.0.1:{told['DUET_PORT']}"
                opened[name] = await stack.enter_async_context(proxy(f"127.0.0.1:{front_port}", upstream))
                continue
            line = LINES[name]
            listen, upstream, text = _through(name, line.variable, directory, told)
            opened[name] = await stack.enter_async_context(proxy(listen, upstream))
            for program in line.programs:
                overrides[program][line.variable] = text
        yield opened, dict(overrides)


def _through(name: str, variable: str, directory: Path, told: Mapping[str, str]) -> tuple[str, str, str]:
    """Where the proxy listens, what is behind it, and the setting's new text."""
    listen = f"unix:{directory}/{name}.sock"
    if variable.endswith("_POSTGRES_URL"):
        usual = told["DUET_POSTGRES_URL"]
        sockets = parse_qs(urlsplit(usual).query)["host"][0]
        inner = directory / "proxied"
        inner.mkdir(mode=0o700, exist_ok=True)
        file = ".s.PGSQL.5432"
        return f"unix:{inner}/{file}", f"unix:{sockets}/{file}", usual.replace(sockets, str(inner))
    if variable == "DUET_REDIS_URL":
        path = told[variable].removeprefix("unix://")
        return listen, f"unix:{path}", f"unix://{directory}/{name}.sock"
    if variable == "DUET_RELAY_URLS":
        relays = {relay: f"unix:{address.path}" for relay, address in named(told[variable]).items()}
        upstream, relays["relay-1"] = relays["relay-1"], listen
        return listen, upstream, ",".join(f"{relay}={address}" for relay, address in relays.items())
    return listen, told[variable], listen
