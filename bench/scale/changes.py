"""What a change of a message costs PostgreSQL beside a message, alone and sixteen at once: its CPU, and the time to the
answer, which on a busy machine says little. On Linux.

By hand: `python -m bench.scale.changes`. The figures are in docs/decisions/0011-changes-to-messages.md.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

from services.threads.app import MIGRATIONS, SESSION_SETTINGS
from services.threads.queries import appends
from services.threads.queries.appends import Row
from shared.embedded.postgres import PostgresServer
from shared.embedded.running import running_postgres
from shared.plumbing.postgres.database import database
from shared.wire import change_decoder
from shared.wire.changes import EDIT, REACTION, Change, Edit, React
from shared.wire.messages import MESSAGE

_ME = 1
_PAIRS = [(_ME, peer) for peer in range(2, 402)]
_MESSAGES = 24
_TURNS = 1500
_TEXT = "hello there, how are you " * 3
_CHANGES: dict[str, Callable[[int], Change]] = {
    EDIT: lambda target: Edit(target, _TEXT),
    REACTION: lambda target: React(target, "❤️"),
}
_CALLS = [(kind, count) for kind in (MESSAGE, *_CHANGES) for count in (1, 16)]


def main() -> None:
    """Prints a line for each kind of call."""
    with (
        tempfile.TemporaryDirectory(prefix="duet-changes-") as directory,
        running_postgres(Path(directory) / "postgres") as server,
    ):
        server.ensure_database()
        asyncio.run(_measure(server))


async def _measure(server: PostgresServer) -> None:
    async with (
        database(server.dsn(), "threads", MIGRATIONS, settings=SESSION_SETTINGS) as db,
        db.connection() as conn,
    ):
        await appends.make_threads(conn, _PAIRS)
        for pair in _PAIRS:
            await appends.append(conn, _rows(pair, MESSAGE, _MESSAGES))
        process = Path("/proc", str(await conn.fetchval("SELECT pg_backend_pid()")), "schedstat")
        took: dict[tuple[str, int], list[tuple[float, float]]] = {}
        for _ in range(_TURNS):
            for kind, count in random.sample(_CALLS, len(_CALLS)):  # each then follows any other
                rows = _rows(random.choice(_PAIRS), kind, count)
                took.setdefault((kind, count), []).append(await _timed(appends.append(conn, rows), process))
        for kind, count in _CALLS:
            each = took[kind, count]
            cpu, whole = (statistics.median(times) * 1e6 for times in zip(*each, strict=True))
            print(f"{count:2} x {kind:8} {cpu:6.0f} µs of CPU, {whole:6.0f} µs to the answer")


def _rows(pair: tuple[int, int], kind: str, count: int) -> list[Row]:
    if kind == MESSAGE:
        return [Row(pair, _ME, kind, uuid4(), _TEXT) for _ in range(count)]
    targets = random.sample(range(1, _MESSAGES + 1), count)
    return [
        Row(pair, _ME, kind, uuid4(), change_decoder.encode(_CHANGES[kind](target)), target)
        for target in targets
    ]


async def _timed(call: Awaitable[object], process: Path) -> tuple[float, float]:
    """The seconds that the process was on a CPU for it, and those that it took."""
    ran, began = _ran_s(process), time.perf_counter()
    await call
    took = time.perf_counter() - began
    await asyncio.sleep(0)
    return _ran_s(process) - ran, took


def _ran_s(process: Path) -> float:
    return int(process.read_text().split()[0]) / 1e9


if __name__ == "__main__":
    main()
