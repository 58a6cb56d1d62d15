"""Moves slots from one shard to another while people write.

Their threads are copied first, and what has changed meanwhile again, until that is little. Then the source stands
still for a moment (the switch): the rest is copied, the target writes down that the slots arrive, the source that it
does not hold them any more, and the target takes them. Whoever dies in between has changed nothing before the source's
commit, and after it anybody may do what is left (`placing.take`).
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence

import asyncpg
import msgspec

from services.threads.copying import Copied, copy
from services.threads.progress import Progress
from services.threads.queries import moving, placing, strays, switching
from services.threads.queries.moving import Leaving, Seen, Span
from services.threads.shard_server import MovingError, Server
from shared.plumbing.failpoints import reach
from shared.wire.problems import Unavailable

_THREADS = 300
_EVENTS = 20_000
"""So many at once, or a few more."""

_CHANGED = 5_000
_SHORT_S = 0.2
_ROUNDS = 20
"""At most, to become so short."""

_WAITING = 2_000
"""Batches that somebody has yet to read: more than these are waited for."""

_PATIENCE_S = 120.0
_LOOK_AGAIN_S = 0.25
_FOLLOWED_WITHIN_S = 1.0
"""While nobody can write."""

_TRIES = 12
_TRY_AGAIN_S = 5.0


class Moved(msgspec.Struct, frozen=True):
    """events: rows of them that were copied. still_s: how long the source, or the target, let nobody in."""

    threads: int
    events: int
    took_s: float
    still_s: float


class Move:
    """Of these slots, from source to target. They are not settled before: there is nothing of another mover's."""

    def __init__(self, source: Server, target: Server, slots: Sequence[int], progress: Progress) -> None:
        self._source, self._from = source, source.conn
        self._target, self._to = target, target.conn
        self._slots = sorted(slots)
        self._progress = progress
        self._seen = Seen("", "")
        self._last_id = 0
        self._leaving: list[Leaving] = []
        self._events = Copied()
        self._copied = Copied()
        self._let_go = False

    async def run(self) -> Moved:
        """Raises MovingError, and what PostgreSQL raises; nothing has moved then, unless it says so later."""
        started = time.monotonic()
        await self._same_words()
        await self._list()
        for part in _parts(self._leaving):
            await self._copy(part)
            await reach("threads.move_copied")
            self._progress.copied(len(part), sum(one.head for one in part), self._copied.bytes)
        if not await _followed(self._to, _PATIENCE_S):
            raise MovingError(f"a standby of {self._target.name} does not follow")
        await self._catch_up_with_all()
        still_s = await self._switch_patiently()
        return Moved(len(self._leaving), self._events.rows, time.monotonic() - started, still_s)

    # Ahead.

    async def _same_words(self) -> None:
        """Raises MovingError: the index of the target would take these for words of a newer form than they have."""
        (ours, renewing), (theirs, also) = await moving.form(self._from), await moving.form(self._to)
        if renewing or also or theirs > ours:
            raise MovingError(
                "the words of the search index are being made anew: try again when that is done"
            )

    async def _list(self) -> None:
        """Once nobody can have made a thread with a lower id that is not seen yet."""
        self._seen = await moving.begin(self._from)
        self._last_id = await moving.last_id(self._from)
        writing = await moving.writing(self._from)
        give_up_at = time.monotonic() + _PATIENCE_S
        while writing:
            await asyncio.sleep(0.005)
            writing &= await moving.writing(self._from)
            if time.monotonic() > give_up_at:
                raise MovingError(f"a transaction at {self._source.name} does not end")
        self._leaving = await moving.threads(self._from, self._slots)
        await strays.stray(self._to, [one.id for one in self._leaving])
        self._progress.begin(len(self._leaving), sum(one.head for one in self._leaving))
        await reach("threads.move_begun")

    async def _copy(self, part: Sequence[Leaving]) -> None:
        """All of these threads, in the place of what an earlier mover, or an earlier stay, has left of them."""
        ids = [one.id for one in part]
        async with self._to.transaction():
            await self._without_waiting()
            await moving.drop_threads(self._to, ids)
            await self._rows(moving.OF_THREADS, ids)

    async def _without_waiting(self) -> None:
        """For the disk: the commit that says that they arrive comes behind this one in the same log."""
        await self._to.execute("SET LOCAL synchronous_commit = off")

    async def _rows(self, queries: Mapping[str, str], *keys: Sequence[int]) -> None:
        for table, query in queries.items():
            copied = self._events if table == "events" else Copied()
            before = copied.bytes
            await copy(self._from, query, *keys, target=self._to, table=table, copied=copied)
            self._copied.bytes += copied.bytes - before

    async def _catch_up(self) -> None:
        """What has come since the last time, and what was indexed of what had come before."""
        grown = await moving.grown(self._from, self._seen, self._slots)
        if grown is None:
            raise MovingError(
                f"what was written at {self._source.name} meanwhile is not known any more: try again"
            )
        await strays.stray(self._to, [thread for thread, _, _ in grown.new])
        await self._copy_again(grown.new, moving.OF_ROWS)
        await self._copy_again(grown.indexed, {"search": moving.OF_ROWS["search"]})
        self._seen = grown.now
        await moving.advance(self._from, grown.now)
        await reach("threads.move_caught_up")

    async def _copy_again(self, spans: Sequence[Span], queries: Mapping[str, str]) -> None:
        for part in _parts_of(spans):
            ids, seqs = await moving.changed(self._from, part)
            async with self._to.transaction():
                await self._without_waiting()
                await moving.drop_rows(self._to, queries, ids, seqs)
                await self._rows(queries, ids, seqs)

    async def _catch_up_with_all(self) -> None:
        """Until what is left is little: of what was written, and of what the index and the programs have to read."""
        give_up_at = time.monotonic() + _PATIENCE_S
        rounds = 0
        while True:
            started = time.monotonic()
            await self._catch_up()
            rounds += 1
            reader, waiting = await moving.behind(self._from)
            if waiting <= _WAITING and (time.monotonic() - started < _SHORT_S or rounds >= _ROUNDS):
                return
            if waiting > _WAITING:
                if time.monotonic() > give_up_at:
                    raise MovingError(_too_far_behind(reader, waiting, self._source.name))
                await asyncio.sleep(_LOOK_AGAIN_S)

    # The switch.

    async def _switch_patiently(self) -> float:
        """Where somebody reads the settings for long, as a backup does, nobody is let wait for that: later again."""
        for left in reversed(range(_TRIES)):
            try:
                return await self._switch()
            except (asyncpg.LockNotAvailableError, Unavailable) as error:
                if self._let_go:  # what has arrived is nowhere else any more
                    raise MovingError(
                        f"the target is not free for a moment, and the next run finishes: {error}"
                    ) from error
                await switching.forget_arrivals(self._to)
                if not left:
                    raise MovingError(f"the log is not free for a moment: {error}") from error
                self._progress.say(f"a connection is busy ({error}), once more in {_TRY_AGAIN_S:g} s")
                await asyncio.sleep(_TRY_AGAIN_S)
                await self._catch_up()
        raise AssertionError

    async def _switch(self) -> float:
        """For how long nobody was let in."""
        held = self._from.transaction()
        await held.start()
        started = time.monotonic()
        is_held = True
        try:
            await placing.hold(self._from)
            await reach("threads.move_held")
            await switching.claim_index(self._from)
            await self._same_words()
            await self._catch_up()
            known = {one.id for one in self._leaving}
            made = await moving.made(self._from, self._slots, self._last_id)
            leaving = [*self._leaving, *(one for one in made if one.id not in known)]
            empty = self._source.slots == frozenset(self._slots)
            await self._arrive(leaving, empty=empty)
            await reach("threads.move_arrived")
            if not await _followed(self._to, _FOLLOWED_WITHIN_S):
                raise Unavailable("a standby does not follow")
            async with self._to.transaction():
                await placing.hold(self._to)
                dropped = await switching.let_go(self._from, self._slots, leaving, empty=empty)
                if dropped != len(leaving):
                    raise MovingError(f"{len(leaving)} threads were to leave, and {dropped} would have")
                await reach("threads.before_let_go")
                is_held, self._let_go = False, True
                await held.commit()
                await _followed(self._from, _FOLLOWED_WITHIN_S)  # else, promoted, it would hold them, too
                await reach("threads.let_go")
                await placing.settle(self._to, self._slots)
        except BaseException:
            if is_held:
                await _undone(held)
            raise
        self._leaving = leaving
        await reach("threads.moved")
        return time.monotonic() - started

    async def _arrive(self, leaving: Sequence[Leaving], *, empty: bool) -> None:
        """All that the source has of them is at the target; there alone is it written down. Also what the source alone
        counts, where it gives away everything."""
        waiting = await switching.withdraw(self._from, self._slots)
        readers = await switching.readers(self._from)
        ids = [one.id for one in leaving]
        lows, highs = [one.low for one in leaving], [one.high for one in leaving]
        async with self._to.transaction():
            rows = await self._into("arriving", switching.ROWS, ids)
            if rows != len(leaving):
                raise MovingError(f"{len(leaving)} threads were to leave, and {rows} came")
            await self._into("arriving_states", switching.STATES, lows, highs, self._slots)
            await self._to.copy_records_to_table(
                "arriving_ranges", records=[(n, *one) for n, one in enumerate(waiting)]
            )
            if empty:
                await self._into("arriving_usage", switching.USAGE)
            await switching.read_here(self._to, readers)
            await switching.arrives(self._to, self._slots, self._source.place.shard)

    async def _into(self, table: str, query: str, *args: Sequence[int]) -> int:
        return await copy(self._from, query, *args, target=self._to, table=table, copied=self._copied)


async def _followed(conn: asyncpg.Connection, within_s: float) -> bool:
    """Whether the standbys have what is there now: one that is promoted must not lack what its source has let go."""
    lsn = await switching.flushed(conn)
    give_up_at = time.monotonic() + within_s
    while not await switching.followed(conn, lsn):
        if time.monotonic() > give_up_at:
            return False
        await asyncio.sleep(0.005)
    return True


async def _undone(transaction: asyncpg.transaction.Transaction) -> None:
    """Unless the connection is gone, which does the same."""
    try:
        await transaction.rollback()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return


def _too_far_behind(reader: str, waiting: int, name: str) -> str:
    if not reader:
        return f"the search index of {name} is {waiting} batches behind: is threads running?"
    return (
        f"{reader} has yet to read {waiting} batches at {name}: start it, or, if it is gone for good, delete its row"
        " of threads.consumers there"
    )


def _parts(leaving: Sequence[Leaving]) -> Iterator[list[Leaving]]:
    part: list[Leaving] = []
    events = 0
    for one in leaving:
        part.append(one)
        events += one.head
        if len(part) >= _THREADS or events >= _EVENTS:
            yield part
            part, events = [], 0
    if part:
        yield part


def _parts_of(spans: Sequence[Span]) -> Iterator[list[Span]]:
    part: list[Span] = []
    events = 0
    for thread, first, head in spans:
        for start in range(first, head + 1, _CHANGED):
            end = min(head, start + _CHANGED - 1)
            part.append((thread, start, end))
            events += end - start + 1
            if events >= _CHANGED:
                yield part
                part, events = [], 0
    if part:
        yield part
