"""One push to one device: a POST to the push service (RFC 8030), and what its answer means."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cached_property
from pathlib import Path

import aiohttp
import msgspec
import structlog
from yarl import URL

from services.notify import words
from services.notify.addresses import PublicResolver
from services.notify.deciding import Decision
from services.notify.endpoints import Endpoints
from services.notify.retry import TTL, asked_for
from services.notify.vapid import Vapid

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_GONE = (404, 410)
_TOO_MANY = 429
_FAILED = 500
_AWAY = (aiohttp.ClientError, TimeoutError, OSError)
log = structlog.get_logger()


class Outcome(Enum):
    """GONE: the subscription is not there any more, or none of ours. REFUSED: it will not take this push."""

    ACCEPTED = "accepted"
    GONE = "gone"
    REFUSED = "refused"
    LATER = "later"


class Answer(msgspec.Struct, frozen=True):
    """retry_after: what the push service asks for."""

    outcome: Outcome
    retry_after: timedelta | None = None


class Pushing:
    """Connections to push services. ca: a file of certificates to trust besides the system's."""

    def __init__(self, http: aiohttp.ClientSession, vapid: Vapid, endpoints: Endpoints, ca: str) -> None:
        self._http = http
        self._vapid = vapid
        self._endpoints = endpoints
        self._ca = ca

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made for the first push: it takes as long as a tenth of a start."""
        context = ssl.create_default_context()
        if self._ca:
            context.load_verify_locations(Path(self._ca))
        return context

    async def push(self, decision: Decision) -> Answer:
        """decision: to tell something. Never raises for what a push service does."""
        assert decision.push is not None  # noqa: S101 - for mypy
        target = decision.due.target
        if self._endpoints.host(target.endpoint) is None:  # the operator has thought better of it
            return Answer(Outcome.GONE)
        url = URL(target.endpoint, encoded=True)
        headers = {
            "Authorization": self._vapid.authorization(str(url.origin())),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(_ttl_s(decision.due.at)),
            "Topic": decision.push.tag,
            "Urgency": "high",
        }
        body = words.encrypted(decision.push, target)
        try:
            async with self._http.post(
                url, data=body, headers=headers, allow_redirects=False, ssl=self._tls
            ) as answer:
                return _meaning(answer.status, answer.headers.get("Retry-After"))
        except _AWAY as error:
            log.warning("a push service does not answer", host=target.host, error=repr(error))
            return Answer(Outcome.LATER)


def _ttl_s(at: datetime) -> int:
    left = at + TTL - datetime.now(UTC)
    return max(0, min(int(left.total_seconds()), int(TTL.total_seconds())))


def _meaning(status: int, retry_after: str | None) -> Answer:
    """A redirect leads who knows where, and is followed nowhere."""
    if status < 300:
        return Answer(Outcome.ACCEPTED)
    if status < 400 or status in _GONE:
        return Answer(Outcome.GONE)
    if status == _TOO_MANY or status >= _FAILED:
        return Answer(Outcome.LATER, asked_for(retry_after, datetime.now(UTC)))
    return Answer(Outcome.REFUSED)


@asynccontextmanager
async def client(*, allow_private: bool) -> AsyncIterator[aiohttp.ClientSession]:
    """For push services: no cookies, no proxies of the environment, no address that is not public."""
    connector = aiohttp.TCPConnector(
        resolver=PublicResolver(allow_private=allow_private), limit=0, keepalive_timeout=30
    )
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=_TIMEOUT,
        auto_decompress=False,
        headers={"User-Agent": "Duet"},
    ) as http:
        yield http
    await asyncio.sleep(0)  # until TLS connections have closed
