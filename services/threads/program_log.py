"""The log of all threads as other programs read it: by transactions, so that nothing is skipped, whatever dies."""

from collections.abc import Sequence

import msgspec

from services.threads.frames import attachments_in
from services.threads.people import People
from services.threads.queries import consumers, outbox
from services.threads.queries.consumers import Part
from services.threads.queries.outbox import Range
from services.threads.queries.snapshots import Snapshot
from shared.plumbing.postgres.database import Database
from shared.wire.log_calls import LogAfter, Logged, LogPage
from shared.wire.problems import FieldError, Invalid


class Position(msgspec.Struct, frozen=True):
    """What a consumer has read: of which log, up to where, and how many of its gaps it has heard of."""

    log: str
    gaps: int
    done: Snapshot

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Raises Invalid for what was never given out."""
        try:
            log, gaps, done = text.split("/")
            return cls(log, int(gaps), Snapshot.parse(done))
        except ValueError:
            raise Invalid([FieldError("/after", "is not a position in the log")]) from None

    def __str__(self) -> str:
        return f"{self.log}/{self.gaps}/{self.done}"


class ProgramLog:
    """Pages of committed events. What a consumer has yet to read stays in the outbox for a day."""

    def __init__(self, database: Database, people: People) -> None:
        self._database = database
        self._people = people

    async def page(self, program: str, asked: LogAfter) -> LogPage:
        """Raises Invalid (a position that was never given out), auth's problem where a name is needed of it."""
        given = Position.parse(asked.after) if asked.after else None
        async with self._database.connection() as conn:
            known = await consumers.find(conn, program)
            other = given is not None and given.log != known.log
            if known.done is None or (given and not other and given.done.end > known.end):
                begun, gaps = await consumers.begin(conn, program)
                return LogPage([], str(Position(known.log, gaps, begun)), missed=given is not None)
            done = given.done if given and not other else known.done
            if done != known.done:
                await consumers.advance(conn, program, done)
            grown = await outbox.grown(conn, done, asked.limit)
            found = await consumers.events(conn, _wanted(grown.ranges, asked))
        names = await self._people.names({user for one in found for user in (one.low, one.high)})
        gaps, heard = known.gaps or 0, given.gaps if given else 0
        return LogPage(
            [
                Logged(
                    one.thread, one.seq, one.low, one.high, names.get(one.low, ""), names.get(one.high, ""),
                    one.kind, one.sender, one.body, one.created_at, one.target, attachments_in(one.attachments),
                )
                for one in found
            ],
            str(Position(known.log, gaps, grown.read)),
            more=grown.more,
            missed=other or heard != gaps or done.end < known.done.end,
            looked_through=sum(head - first + 1 for _, _, _, first, head in grown.ranges),
        )  # fmt: skip


def _wanted(ranges: Sequence[Range], asked: LogAfter) -> list[tuple[Range, Part]]:
    """Which part of each is asked for."""
    if asked.files:
        return [(one, Part.FILES) for one in ranges]
    if asked.about is None:
        return [(one, Part.ALL) for one in ranges]
    people = set(asked.about)
    parts = [(one, Part.ALL if one[1] in people or one[2] in people else Part.LINKS) for one in ranges]
    return [(one, part) for one, part in parts if part is Part.ALL or asked.links]
