"""Compares what is known of names with the threads themselves: after a restored backup, or a day away from the log."""

import structlog

from services.media.queries import naming
from services.media.queries.naming import Name
from shared.plumbing.http.rpc import Peer
from shared.plumbing.postgres.database import Database
from shared.wire import codec
from shared.wire.log_calls import Deliveries, DeliveriesAfter, HeadsAnswer, HeadsOf
from shared.wire.messages import LogItem, MessageFrame

log = structlog.get_logger()


class Comparison:
    """Reads every thread for which somebody ever claimed an attachment, from its beginning."""

    def __init__(self, database: Database, threads: Peer) -> None:
        self._database = database
        self._threads = threads

    async def run(self) -> None:
        """Raises Problem, and what PostgreSQL raises."""
        async with self._database.connection() as conn:
            pairs = await naming.claimed_pairs(conn)
        for low, high in sorted({(min(pair), max(pair)) for pair in pairs}):
            thread = await self._thread(low, high)
            if thread is not None:
                found = await self._names(thread, low, high)
                async with self._database.transaction() as conn:
                    await naming.rename(conn, thread, found)

    async def _thread(self, low: int, high: int) -> int | None:
        answer = await self._threads.call(
            "POST", "/internal/heads", HeadsOf([low]), of=HeadsAnswer, idempotent=True
        )
        heads = (head for user in answer.users for head in user.heads)
        return next((head.thread for head in heads if (head.low, head.high) == (low, high)), None)

    async def _names(self, thread: int, low: int, high: int) -> list[Name]:
        found: list[Name] = []
        after, head = 0, 1
        while after < head:
            page = await self._threads.call(
                "POST",
                "/internal/deliveries",
                DeliveriesAfter(thread, after, low=low, high=high),
                of=Deliveries,
                idempotent=True,
            )
            for delivery in page.deliveries:
                frame: LogItem = codec.decode(bytes(delivery.for_low), LogItem)  # type: ignore[arg-type]  # a union
                if isinstance(frame, MessageFrame):
                    sender = high if frame.sender == frame.thread else low
                    found += [Name(thread, frame.seq, sender, one.id) for one in frame.attachments]
            if not page.deliveries:
                break
            after, head = page.deliveries[-1].seq, page.head
        return found
