"""`python -m services.threads shards`, `level` and `empty`: which server of the log holds what, and moving that.

Each move lets nobody write for a moment that grows with the threads that it takes: many are several.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TextIO

import asyncpg
import msgspec

from services.threads.moving import Move
from services.threads.progress import Progress
from services.threads.queries import moving
from services.threads.queries.placing import SLOTS
from services.threads.shard_server import MovingError, Server, servers, settle
from services.threads.tidying import tidy
from shared.plumbing import failpoints
from shared.plumbing.settings import config as configuration
from shared.plumbing.settings.known import one
from shared.plumbing.telemetry import log
from shared.wire.problems import Unavailable

VERBS = ("shards", "level", "empty")
_AT_ONCE = 15_000
"""Threads: a second or two in which nobody can write."""

Say = Callable[[str], None]


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """All that it needs to know."""

    postgres_url: str
    shard_urls: str = ""
    log_level: str = "info"


def main(arguments: Sequence[str]) -> int:
    """The exit status: 1 if it could not be done, or not all of it."""
    where = configuration.read(Where, prefer="threads")
    log.configure("threads", where.log_level)
    failpoints.arm(one("DUET_FAILPOINTS"))
    urls = [where.postgres_url, *where.shard_urls.split()]
    try:
        asyncio.run(run(arguments, urls, say=_to(sys.stderr), tell=_to(sys.stdout)))
    except (MovingError, Unavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        sys.stderr.write(f"duet: {error or repr(error)}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("duet: the next run goes on\n")
        return 1
    return 0


async def run(arguments: Sequence[str], urls: Sequence[str], *, say: Say, tell: Say) -> None:
    """say: how far it is. tell: what is asked for. Raises MovingError, and what PostgreSQL raises."""
    match arguments:
        case ["shards"]:
            async with servers(urls, alone=False) as found:
                for server in found:
                    tell(await _told(server))
        case ["level"]:
            await move_to(urls, level, say=say, tell=tell)
        case ["empty", which]:
            await move_to(urls, lambda found: emptied(found, _named(found, which)), say=say, tell=tell)
        case _:
            raise MovingError("say `shards`, `level` or `empty URL-or-number`")


async def move_to(
    urls: Sequence[str], wanted: Callable[[Sequence[Server]], Sequence[int]], *, say: Say, tell: Say
) -> None:
    """Until each server holds as many slots as are wanted of it; then what is left behind goes."""
    async with servers(urls) as found:
        await settle(found)
        counts = wanted(found)
        if await tidy(found, say):
            say("what an earlier run had left is tidied")
        for giver, taker, slots in moves([server.slots for server in found], counts):
            source, target = found[giver], found[taker]
            for part in _parts(slots, await moving.sizes(source.conn)):
                what = f"{len(part)} slots from {source.place.shard} to {target.place.shard}"
                progress = Progress(say)
                progress.about(what)
                moved = await Move(source, target, part, progress).run()
                await asyncio.gather(source.look(), target.look())
                tell(
                    f"{what}: {moved.threads:,} threads, {moved.events:,} events in {moved.took_s:.1f} s,"
                    f" {moved.still_s:.2f} s of which nobody could write"
                )
                await tidy(found, say)  # each search reads what is left of threads
        for server in found:
            tell(await _told(server))


def level(found: Sequence[Server]) -> list[int]:
    """About as many each; who holds most holds the one more."""
    return _shared([len(server.slots) for server in found], range(len(found)))


def emptied(found: Sequence[Server], gone: int) -> list[int]:
    """None of one of them. Raises MovingError: it is the only one."""
    if len(found) == 1:
        raise MovingError("there is no other server that could take them")
    return _shared([len(server.slots) for server in found], [n for n in range(len(found)) if n != gone])


def moves(held: Sequence[frozenset[int]], wanted: Sequence[int]) -> Iterator[tuple[int, int, list[int]]]:
    """Who gives which slots to whom."""
    spare = {n: sorted(slots)[wanted[n] :] for n, slots in enumerate(held) if len(slots) > wanted[n]}
    for taker, slots in enumerate(held):
        lacking = wanted[taker] - len(slots)
        for giver, its in spare.items():
            part, spare[giver] = its[: max(0, lacking)], its[max(0, lacking) :]
            lacking -= len(part)
            if part:
                yield giver, taker, part


def _shared(held: Sequence[int], takers: Sequence[int]) -> list[int]:
    each, more = divmod(SLOTS, len(takers))
    wanted = [0] * len(held)
    for place, n in enumerate(sorted(takers, key=lambda n: -held[n])):
        wanted[n] = each + (place < more)
    return wanted


def _parts(slots: Sequence[int], sizes: Mapping[int, int]) -> Iterator[list[int]]:
    part: list[int] = []
    threads = 0
    for slot in slots:
        size = sizes.get(slot, 0)
        if part and threads + size > _AT_ONCE:
            yield part
            part, threads = [], 0
        part.append(slot)
        threads += size
    if part:
        yield part


def _named(found: Sequence[Server], which: str) -> int:
    """Raises MovingError: none is."""
    for n, server in enumerate(found):
        if which in (server.url, server.name, str(server.place.shard)):
            return n
    known = ", ".join(f"{server.place.shard} ({server.name})" for server in found)
    raise MovingError(f"{which} is none of the servers of the log, which are {known}")


async def _told(server: Server) -> str:
    held = await server.held()
    said = (
        f"{server.place.shard}: {server.name}: {len(server.slots)} slots, {held.threads:,} threads,"
        f" {held.events:,} events, {held.bytes / 1e6:,.0f} MB"
    )
    if server.place.arriving:
        said += f", {len(server.place.arriving)} slots arriving"
    return said + (f", {held.strays:,} threads to tidy" if held.strays else "")


def _to(stream: TextIO) -> Say:
    def say(line: str) -> None:
        stream.write(f"{line}\n")
        stream.flush()

    return say
