"""Calls to other programs: kept-alive connections, typed bodies, timeouts, retries only where harmless."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar

import aiohttp
import structlog

from shared.plumbing.address import Address
from shared.plumbing.identity import CHALLENGE_HEADER, Signer, User
from shared.plumbing.log import REQUEST_ID
from shared.wire import codec
from shared.wire.problems import Problem, ProblemDocument, Unavailable, from_document

T = TypeVar("T")
TIMEOUT_S = 5.0
_RETRY_PAUSES_S = (0.05, 0.2)
_IDEMPOTENT = frozenset({"GET", "PUT", "DELETE"})


class Peer:
    """Another program, as this one calls it."""

    def __init__(self, program: str, address: Address, signer: Signer) -> None:
        self.program = program
        self.address = address
        self._signer = signer
        connector = (
            aiohttp.UnixConnector(address.path, limit=200)
            if address.path
            else aiohttp.TCPConnector(limit=200, ttl_dns_cache=10)
        )
        self.http = aiohttp.ClientSession(
            base_url=address.origin,
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )

    def headers(self, user: User | None = None) -> dict[str, str]:
        """The identity that goes with a call, and the request id of what caused it."""
        headers = {"Authorization": f"Bearer {self._signer.token(self.program, user)}"}
        if caused_by := REQUEST_ID.get():
            headers["X-Request-Id"] = caused_by
        return headers

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        of: type[T],
        user: User | None = None,
        idempotent: bool | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """One call. Raises the peer's Problem, or Unavailable when it does not answer or does not believe us.

        idempotent: may be repeated when no answer came (by default GET, PUT, DELETE).
        """
        may_repeat = method in _IDEMPOTENT if idempotent is None else idempotent
        encoded = None if body is None else codec.encode(body)
        for pause_s in (*_RETRY_PAUSES_S, None):
            try:
                answer = await self._once(method, path, encoded, user, headers)
            except aiohttp.ClientConnectorError as error:  # nothing was sent
                failure: Exception = error
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                failure = error
                if not may_repeat:
                    break
            else:
                return codec.decode(answer, of) if answer else codec.convert(None, of)
            if pause_s is None:
                break
            await asyncio.sleep(pause_s)
        raise Unavailable(f"{self.program} does not answer") from failure

    async def _once(
        self, method: str, path: str, body: bytes | None, user: User | None, headers: Mapping[str, str] | None
    ) -> bytes:
        all_headers = {**self.headers(user), **(headers or {})}
        if body is not None:
            all_headers["Content-Type"] = "application/json"
        async with self.http.request(method, path, data=body, headers=all_headers) as response:
            content = await response.read()
            if response.status >= 400:
                raise self._problem(response, content)
            return content

    def _problem(self, response: aiohttp.ClientResponse, content: bytes) -> Problem:
        if CHALLENGE_HEADER in response.headers:
            return mistrusted(self.program)
        if response.content_type != "application/problem+json":
            return Unavailable(f"unexpected answer {response.status}")
        problem = from_document(codec.decode(content, ProblemDocument))
        if after := response.headers.get("Retry-After"):
            problem.headers["Retry-After"] = after
        return problem

    async def check(self) -> str:
        """For readiness: the peer is up."""
        async with self.http.get("/health/live") as response:
            response.raise_for_status()
        return "ok"


def mistrusted(program: str) -> Unavailable:
    """What our own caller gets when `program` does not believe us: not a 401, since logging in again would not help."""
    structlog.get_logger().error("a program does not believe our token", program=program)
    return Unavailable(f"{program} does not believe this program")


@contextlib.asynccontextmanager
async def peer(program: str, address: str, signer: Signer) -> AsyncIterator[Peer]:
    """A peer for as long as the program runs."""
    opened = Peer(program, Address.parse(address), signer)
    try:
        yield opened
    finally:
        await opened.http.close()
