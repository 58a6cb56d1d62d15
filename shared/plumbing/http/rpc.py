"""Calls to other programs: typed bodies, identity, problems carried across, retries only where harmless."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar

import structlog

from shared.plumbing.http.client import RETRY_PAUSES_S, Answer, BrokenConnectionError, HttpClient
from shared.plumbing.http.head import json_body, open_head, request_head
from shared.plumbing.identity import CHALLENGE_HEADER, Signer, User
from shared.plumbing.telemetry.log import REQUEST_ID
from shared.plumbing.transport.address import Address
from shared.wire import codec
from shared.wire.problems import Problem, ProblemDocument, Unavailable, from_document

T = TypeVar("T")
_IDEMPOTENT = frozenset({"GET", "PUT", "DELETE"})
_BROKEN = (BrokenConnectionError, TimeoutError)
_NO_BODY = (("Content-Length", "0"),)
_CHALLENGE = CHALLENGE_HEADER.lower().encode()


class Peer:
    """Another program, as this one calls it."""

    def __init__(self, program: str, address: Address, signer: Signer) -> None:
        self.program = program
        self.address = address
        self._signer = signer
        self._client = HttpClient(program, address)

    def token(self) -> str:
        """Our identity, for a request of another kind than `call`'s."""
        return self._signer.token(self.program)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        of: type[T],
        user: User | None = None,
        idempotent: bool | None = None,
    ) -> T:
        """One call. Raises the peer's Problem, or Unavailable when it does not answer or does not believe us.

        idempotent: may be repeated when no answer came (by default GET, PUT, DELETE).
        """
        may_repeat = method in _IDEMPOTENT if idempotent is None else idempotent
        content = b"" if body is None else codec.encode(body)
        token, caused_by = self._signer.token(self.program, user), REQUEST_ID.get() or None
        more = json_body(content) if content else _NO_BODY if method != "GET" else ()
        head = request_head(f"{method} {path}", self.program, token, more, request_id=caused_by)
        answer = await self._asked(head + content, may_repeat)
        if answer.status >= 400:
            raise self._problem(answer)
        return codec.decode(answer.body, of) if answer.body else codec.convert(None, of)

    async def _asked(self, request: bytes, may_repeat: bool) -> Answer:
        """Raises Unavailable."""
        for pause_s in RETRY_PAUSES_S:
            try:
                return await self._client.ask(request, may_repeat=may_repeat)
            except Unavailable as error:
                if not may_repeat or not isinstance(error.__cause__, _BROKEN):
                    raise
            await asyncio.sleep(pause_s)
        return await self._client.ask(request, may_repeat=may_repeat)

    def _problem(self, answer: Answer) -> Problem:
        refuse_mistrust(self.program, answer.headers)
        if answer.headers.get(b"content-type", b"").partition(b";")[0] != b"application/problem+json":
            return Unavailable(f"unexpected answer {answer.status}")
        problem = from_document(codec.decode(answer.body, ProblemDocument))
        if after := answer.headers.get(b"retry-after"):
            problem.headers["Retry-After"] = after.decode("latin-1")
        return problem

    async def check(self) -> str:
        """For readiness: the peer is up."""
        if (await self._client.ask(open_head("/health/live", self.program))).status != 200:
            raise Unavailable(f"{self.program} is not up")
        return "ok"

    def close(self) -> None:
        """Ends the kept-alive connections."""
        self._client.close()


def refuse_mistrust(program: str, headers: Mapping[bytes, bytes]) -> None:
    """headers: of an answer to our token. Raises Unavailable if `program` does not believe it.

    It is not the caller's 401: since logging in again would not help.
    """
    if _CHALLENGE in headers:
        structlog.get_logger().error("a program does not believe our token", program=program)
        raise Unavailable(f"{program} does not believe this program")


@contextlib.asynccontextmanager
async def peer(program: str, address: str, signer: Signer) -> AsyncIterator[Peer]:
    """A peer for as long as the program runs."""
    opened = Peer(program, Address.parse(address), signer)
    try:
        yield opened
    finally:
        opened.close()
