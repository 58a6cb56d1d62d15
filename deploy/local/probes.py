"""Is it ready? Each probe returns "" for yes, or the reason why not, and never raises."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from shared.embedded.postgres import PostgresServer
from shared.embedded.valkey import ValkeyServer

Probe = Callable[[], Awaitable[str]]
Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]

_TIMEOUT_S = 3.0
_SHOWN_CHARACTERS = 300


def postgres_probe(server: PostgresServer) -> Probe:
    async def probe() -> str:
        return "" if await asyncio.to_thread(server.answers) else "it does not answer yet"

    return probe


def valkey_probe(server: ValkeyServer) -> Probe:
    async def probe() -> str:
        return "" if await asyncio.to_thread(server.answers) else "it does not answer yet"

    return probe


def socket_probe(path: Path) -> Probe:
    """GET /health/ready on a Unix socket."""

    async def probe() -> str:
        return await _ask_ready(lambda: asyncio.open_unix_connection(str(path)), "localhost")

    return probe


def port_probe(address: str, port: int, host_header: str) -> Probe:
    """GET /health/ready on the public port."""

    async def probe() -> str:
        return await _ask_ready(lambda: asyncio.open_connection(address, port), host_header)

    return probe


def both(first: Probe, second: Probe) -> Probe:
    """`second` is asked only when `first` says yes."""

    async def probe() -> str:
        return await first() or await second()

    return probe


async def _ask_ready(connect: Connect, host: str) -> str:
    try:
        status_line, body = await asked(connect, host, "/health/ready")
    except (OSError, TimeoutError) as error:
        return f"no answer ({error or 'timed out'})"
    if status_line.startswith("HTTP/1.1 200"):
        return ""
    return f"{status_line or 'an empty answer'} {body[:_SHOWN_CHARACTERS]}".strip()


async def asked(connect: Connect, host: str, path: str) -> tuple[str, str]:
    """The status line and the body of one GET. Raises OSError, TimeoutError."""
    async with asyncio.timeout(_TIMEOUT_S):
        reader, writer = await connect()
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = (await reader.read()).decode(errors="replace")
        finally:
            writer.close()
    head, _, body = answer.partition("\r\n\r\n")
    return head.partition("\r\n")[0], body
