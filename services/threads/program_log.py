"""The log of all threads as other programs read it: by transactions, so that nothing is skipped, whatever dies."""

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec

from services.threads.asking import all_or_some
from services.threads.frames import attachments_in
from services.threads.people import People
from services.threads.queries import consumers, outbox
from services.threads.queries.consumers import Committed, Part
from services.threads.queries.outbox import Range
from services.threads.queries.snapshots import Snapshot
from services.threads.shards import Shard, Shards
from shared.wire.log_calls import LogAfter, Logged, LogPage
from shared.wire.problems import FieldError, Invalid


class Position(msgspec.Struct, frozen=True):
    """What a consumer has read of one shard: of which log, up to where, and how many of its gaps it has heard of."""

    log: str
    gaps: int
    done: Snapshot

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Raises ValueError."""
        log, gaps, done = text.split("/")
        return cls(log, int(gaps), Snapshot.parse(done))

    def __str__(self) -> str:
        return f"{self.log}/{self.gaps}/{self.done}"


Positions = Mapping[int, Position]
"""By the numbers of the shards."""


class _Part(msgspec.Struct, frozen=True):
    """What a page has of one shard."""

    shard: int
    next: Position
    events: Sequence[Committed] = ()
    more: bool = False
    missed: bool = False
    looked_through: int = 0


class ProgramLog:
    """Pages of committed events. What a consumer has yet to read stays in the outbox for a day."""

    def __init__(self, shards: Shards, people: People) -> None:
        self._shards = shards
        self._people = people

    async def page(self, program: str, asked: LogAfter) -> LogPage:
        """Some of each shard; one that is away has nothing in this page.

        Raises Invalid (a position that was never given out), auth's problem where a name is needed of it.
        """
        given = _parse(asked.after) if asked.after else {}
        limit = max(1, asked.limit // len(self._shards.all))
        parts = await all_or_some(
            [
                partial(_part, shard, program, given.get(shard.number), asked, limit)
                for shard in self._shards.all
            ]
        )
        found = [one for part in parts for one in part.events]
        names = await self._people.names({user for one in found for user in (one.low, one.high)})
        return LogPage(
            [
                Logged(
                    one.thread, one.seq, one.low, one.high, names.get(one.low, ""), names.get(one.high, ""),
                    one.kind, one.sender, one.body, one.created_at, one.target, attachments_in(one.attachments),
                )
                for one in found
            ],
            _text({**given, **{part.shard: part.next for part in parts}}),
            more=any(part.more for part in parts),
            missed=any(part.missed for part in parts),
            looked_through=sum(part.looked_through for part in parts),
        )  # fmt: skip


async def _part(shard: Shard, program: str, given: Position | None, asked: LogAfter, limit: int) -> _Part:
    """given: up to where the program has read it; None for one of which it has read nothing."""
    async with shard.database.connection() as conn:
        known = await consumers.find(conn, program)
        other = given is not None and given.log != known.log
        if known.done is None or (given and not other and given.done.end > known.end):
            begun, gaps = await consumers.begin(conn, program)
            return _Part(shard.number, Position(known.log, gaps, begun), missed=given is not None)
        done = given.done if given and not other else known.done
        if done != known.done:
            await consumers.advance(conn, program, done)
        grown = await outbox.grown(conn, done, limit)
        found = await consumers.events(conn, _wanted(grown.ranges, asked))
    gaps, heard = known.gaps or 0, given.gaps if given else 0
    return _Part(
        shard.number,
        Position(known.log, gaps, grown.read),
        found,
        more=grown.more,
        missed=other or heard != gaps or done.end < known.done.end,
        looked_through=sum(head - first + 1 for _, _, _, first, head in grown.ranges),
    )


def _parse(text: str) -> Positions:
    """Raises Invalid for what was never given out."""
    found = {}
    try:
        for one in text.split(";"):
            shard, _, position = one.rpartition("~")
            found[int(shard or 0)] = Position.parse(position)
    except ValueError:
        raise Invalid([FieldError("/after", "is not a position in the log")]) from None
    return found


def _text(positions: Positions) -> str:
    """That of shard 0 as it was before there were others."""
    return ";".join(f"{shard}~{one}" if shard else str(one) for shard, one in sorted(positions.items()))


def _wanted(ranges: Sequence[Range], asked: LogAfter) -> list[tuple[Range, Part]]:
    """Which part of each is asked for."""
    if asked.files:
        return [(one, Part.FILES) for one in ranges]
    if asked.about is None:
        return [(one, Part.ALL) for one in ranges]
    people = set(asked.about)
    parts = [(one, Part.ALL if one[1] in people or one[2] in people else Part.LINKS) for one in ranges]
    return [(one, part) for one, part in parts if part is Part.ALL or asked.links]
