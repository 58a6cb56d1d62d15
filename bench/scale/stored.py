"""Append, history, inbox, user list and search with ever more messages in the database."""

import asyncio
import random
import uuid
from array import array
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import asyncpg
import msgspec

from bench.load.requests import drive, request
from bench.measure.figures import Latency
from bench.measure.phases import latency
from bench.scale.loader import Loader
from bench.targets.duet import RunningDuet, duet
from shared.plumbing.postgres.database import Connection

_OWN_THREADS = 200
_STRANGERS = 1_000
_TURNS = 5
_REQUESTS = 200
_WARM_UP = 60
_SHARE_OF_ONE = 0.1
_SHARE_OF_OWN = 0.4
_ME = "bench-00000"
_PEER = "bench-00001"


class Stored(msgspec.Struct, frozen=True):
    """messages: in the database; in_thread: in the thread that is measured. calls: latency by what was asked."""

    accounts: int
    messages: int
    in_thread: int
    database_bytes: int
    calls: dict[str, Latency]


def measure(counts: Sequence[int], accounts: int) -> list[Stored]:
    """A tenth of the messages is in one thread of ours, four in 199 others of ours, the rest between strangers."""
    with duet(relays=1) as running:
        seat = running.seats(1)[0]
        asyncio.run(_prepare(running, accounts))
        steps: list[Stored] = []
        before = 0
        for count in counts:
            in_thread, size = asyncio.run(_grow(running, count - before))
            before = count
            steps.append(Stored(accounts, count, in_thread, size, _ask(running, seat.cookie, in_thread)))
        return steps


async def _prepare(running: RunningDuet, accounts: int) -> None:
    connection = await asyncpg.connect(running.postgres_url)
    try:
        loader = Loader(connection, await _id(connection))
        await loader.add_accounts(accounts)
        await loader.add_threads([_PEER], 0)
        await loader.add_threads([f"load-{number}" for number in range(1, _OWN_THREADS)], _STRANGERS)
    finally:
        await connection.close()


async def _grow(running: RunningDuet, messages: int) -> tuple[int, int]:
    """(messages in the measured thread, bytes of the database) afterwards."""
    connection = await asyncpg.connect(running.postgres_url)
    try:
        loader = Loader(connection, await _id(connection))
        own, strangers = await loader.threads(own=True), await loader.threads(own=False)
        await loader.fill(own[:1], int(messages * _SHARE_OF_ONE), needles=True)
        await loader.fill(own[1:], int(messages * _SHARE_OF_OWN / (len(own) - 1)))
        rest = 1 - _SHARE_OF_ONE - _SHARE_OF_OWN
        await loader.fill(strangers, int(messages * rest / len(strangers)))
        await loader.tidy()
        head = await connection.fetchval("SELECT head FROM threads.threads WHERE id = $1", own[0])
        return head, await connection.fetchval("SELECT pg_database_size(current_database())")
    finally:
        await connection.close()


async def _id(connection: Connection) -> int:
    found: int = await connection.fetchval("SELECT id FROM auth.users WHERE username = $1", _ME)
    return found


def _ask(running: RunningDuet, cookie: str, head: int) -> dict[str, Latency]:
    base_url = running.base_urls[0]
    host = urlsplit(base_url).netloc
    chance = random.Random(head)
    thread = f"/api/threads/{_PEER}/messages"

    def get(path: str) -> bytes:
        return request("GET", path, host, headers=[f"Cookie: {cookie}"])

    def append() -> bytes:
        body = {"client_id": str(uuid.uuid4()), "text": "one more message of an ordinary length"}
        return request("POST", thread, host, msgspec.json.encode(body), [f"Cookie: {cookie}"])

    def somewhere() -> bytes:
        return get(f"{thread}?before={chance.randrange(2, max(head, 3))}&limit=50")

    calls: dict[str, Callable[[], bytes]] = {
        "append": append,
        "newest page": lambda: get(f"{thread}?limit=50"),
        "a page somewhere": somewhere,
        "inbox": lambda: get("/api/threads?limit=50"),
        "user list": lambda: get("/api/users?limit=50"),
        "user list by a prefix": lambda: get(f"/api/users?query=load%20{chance.randrange(1, 99)}&limit=50"),
        "search, 20 hits": lambda: get("/api/search?q=needle"),
    }
    times = {name: array("d") for name in calls}
    for _ in range(_TURNS):  # so that what disturbs the machine for some seconds is not one call's
        for name, make in calls.items():
            drive(base_url, [make() for _ in range(_WARM_UP)], 1, 60.0)
            answers = drive(base_url, [make() for _ in range(_REQUESTS)], 1, 60.0)
            assert not answers.failed, f"{name}: {answers.failed} of {answers.answered} were refused"
            times[name].extend(answers.latency_ms)
    return {name: _latency(some) for name, some in times.items()}


def _latency(times_ms: "array[float]") -> Latency:
    found = latency(times_ms)
    assert found is not None
    return found
