"""Appending to the log: a batch of items in, what became of each out."""

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TypeVar

import structlog
from prometheus_client import Counter

from services.threads import rules
from services.threads.files import Files
from services.threads.frames import Event, Members, delivery, message_of
from services.threads.group_commit import Key
from services.threads.hints import Hints
from services.threads.people import People
from services.threads.queries.appends import Row, Stored
from services.threads.quota import Quota
from services.threads.rules import Outcome
from services.threads.shards import Shards
from services.threads.storing import Storing
from services.threads.traced import TracedRows, of_new
from shared.plumbing.failpoints import reach
from shared.plumbing.identity import User
from shared.plumbing.telemetry import traces
from shared.plumbing.telemetry.tally import Tally
from shared.plumbing.telemetry.traces import NO_SPANS, NO_TRACES, Span
from shared.wire import change_decoder, codec, naming
from shared.wire.http import DoToThread, SendMessage
from shared.wire.link import AppendItem, AppendResult
from shared.wire.messages import MESSAGE, EventFrame, Message, MessageFrame
from shared.wire.problems import Internal, Problem, Unavailable, from_document

_BATCH_ITEMS = Tally(
    "duet_threads_batch_items", "Items in a batch", (1, 2, 4, 8, 16, 32, 64, 128, 256)
).series()
_EVENTS = Counter("duet_threads_events", "Events appended")
_BUSY_S = 0.05
_NOTHING = contextlib.nullcontext()

FrameT = TypeVar("FrameT", MessageFrame, EventFrame)

log = structlog.get_logger()


class Appender:
    """The one way into the log."""

    def __init__(self, shards: Shards, people: People, hints: Hints, quota: Quota, files: Files) -> None:
        self._shards = shards
        self._people = people
        self._hints = hints
        self._traced = TracedRows()
        self._storing = [
            Storing(place, shards, quota, files, self._traced) for place in range(len(shards.all))
        ]
        self._last_at = 0.0

    @property
    def log(self) -> str:
        """The id of the log that what is appended goes into."""
        return self._shards.log

    def busy(self) -> bool:
        """Whether batches have come within the last moment."""
        return time.monotonic() - self._last_at < _BUSY_S

    async def append(
        self, node: str, items: Sequence[AppendItem], of: str = "", traced: Mapping[int, str] = NO_TRACES
    ) -> list[AppendResult]:
        """One result for each item, in order, of the log of the moment in which it is called.

        node: the asking relay, which needs no hint. of: the log whose seqs the items mean; "" if that is not known.
        traced: as in AppendBatch. After an exception the items may or may not have been stored; they can be sent again
        unchanged.
        """
        if traces.tracer is None:
            return await self._append(node, items, of)
        with traces.each_continued("append", traced) as spans:
            return await self._append(node, items, of, spans or traces.of_call(len(items)))

    async def _append(
        self, node: str, items: Sequence[AppendItem], of: str, spans: Mapping[int, Span] = NO_SPANS
    ) -> list[AppendResult]:
        self._last_at = time.monotonic()
        _BATCH_ITEMS.observe(len(items))
        await reach("threads.before_names")
        log_id = self.log
        replaced = bool(of and log_id and of != log_id)
        batch = _Batch(items, await self._ids(items), of, replaced=replaced)
        if batch.rows:
            await reach("threads.before_commit")
            with self._traced.storing(batch.keyed(spans)) if spans else _NOTHING:
                outcomes = await self._store_all(list(batch.rows.values()))
            await reach("threads.after_commit")
            if self.log != log_id:
                raise Unavailable("The log was replaced meanwhile")
            batch.settle(outcomes)
        new = [
            result.delivery
            for result in batch.results
            if result is not None and result.created and result.delivery
        ]
        _EVENTS.inc(len(new))
        self._hints.offer(node, new, log=log_id, spans=of_new(batch.results, spans) if spans else NO_SPANS)
        await reach("threads.before_answer")
        return batch.answers()

    async def one(self, user: User, to: str, command: SendMessage) -> tuple[Message, bool]:
        """Appends a message sent without a socket: as `user` reads it, and whether it is new. Raises its problem."""
        text, attachments = naming.said(command.text, command.attachments)
        target = command.reply_to or 0
        item = AppendItem(
            user.id,
            user.username,
            to,
            MESSAGE,
            command.client_id,
            text,
            target=target,
            attachments=attachments,
        )
        frame, created = await self._alone(item, MessageFrame)
        return message_of(frame), created

    async def change(self, user: User, to: str, command: DoToThread) -> tuple[EventFrame, bool]:
        """Appends a change sent without a socket: as `user` gets it, and whether it is new. Raises its problem."""
        body = change_decoder.encode(change_decoder.decode(command.kind, bytes(command.body)))
        item = AppendItem(user.id, user.username, to, command.kind, command.client_id, body)
        return await self._alone(item, EventFrame)

    async def _alone(self, item: AppendItem, of: type[FrameT]) -> tuple[FrameT, bool]:
        """The frame as the sender gets it, and whether it is new."""
        [result] = await self.append("", [item])
        if result.delivery is None:
            raise from_document(result.problem) if result.problem else Internal()
        stored = result.delivery
        frame = codec.decode(bytes(stored.for_low if item.sender == stored.low else stored.for_high), of)
        return frame, result.created

    async def _ids(self, items: Sequence[AppendItem]) -> dict[str, int | None]:
        for item in items:
            self._people.learn(item.sender, item.sender_name)
            if item.peer:
                self._people.learn(item.peer, item.to)
        return await self._people.ids({item.to for item in items})

    async def _store_all(self, rows: list[Row]) -> list[Stored | Problem]:
        """What is of a shard that is away has to come again; the rest is stored."""
        if self._shards.alone:
            return await self._storing[0].store(rows)
        parts = self._shards.split(rows, attrgetter("pair"))
        answers = await asyncio.gather(
            *(self._storing[shard.place].store_or_refuse(its) for shard, its in parts)
        )
        outcomes = {
            id(row): outcome
            for (_, its), answer in zip(parts, answers, strict=True)
            for row, outcome in zip(its, answer, strict=True)
        }
        return [outcomes[id(row)] for row in rows]


class _Batch:
    """The items of one batch: which are settled without the database, which go there, and what came back.

    rows: each once, even if the batch holds it twice. of: the log whose seqs are meant; "" if that is not known.
    replaced: that one is the log of before.
    """

    def __init__(
        self, items: Sequence[AppendItem], ids: dict[str, int | None], of: str, *, replaced: bool
    ) -> None:
        self.items = items
        self._of = of
        self._replaced = replaced
        self.results: list[AppendResult | None] = [None] * len(items)
        self.rows: dict[Key, Row] = {}
        self._row_of: list[Key | None] = [None] * len(items)
        self._members: dict[Key, Members] = {}
        for place, item in enumerate(items):
            try:
                self._add(place, item, ids)
            except Problem as problem:
                self.results[place] = AppendResult(problem=problem.document())

    def _add(self, place: int, item: AppendItem, ids: dict[str, int | None]) -> None:
        body, target, attachments = rules.checked(item)
        if target and self._replaced:
            raise Unavailable("The log was replaced, and that may be another message now")
        if item.to not in ids:
            raise Unavailable("The name cannot be looked up just now")
        peer = ids[item.to]
        if peer is None:
            raise rules.to_nobody()
        if peer == item.sender:
            raise rules.to_oneself()
        members = Members.of(item.sender, item.sender_name, peer, item.to)
        pair = (members.low, members.high)
        asked = codec.encode(attachments).decode() if attachments else None
        row = Row(
            pair, item.sender, item.kind, item.client_id, body, target, asked, self._of if target else ""
        )
        key: Key = (pair, item.sender, item.client_id)
        first = self.rows.setdefault(key, row)
        if first is not row and first != row:
            raise rules.used_for_another()
        self._row_of[place] = key
        self._members[key] = members

    def keyed(self, spans: Mapping[int, Span]) -> dict[Key, Span]:
        """spans: by the places of the items; those that need no row have none here."""
        return {key: span for place, span in spans.items() if (key := self._row_of[place]) is not None}

    def settle(self, outcomes: list[Stored | Problem]) -> None:
        """outcomes: one for each of `rows`, in order."""
        settled = {
            key: self._result(key, row, outcome)
            for (key, row), outcome in zip(self.rows.items(), outcomes, strict=True)
        }
        answered = set()
        for place, key in enumerate(self._row_of):
            if key is None:
                continue
            result = settled[key]
            if key in answered and result.created:  # the batch held it twice: only the first one created it
                result = AppendResult(result.delivery, False)
            answered.add(key)
            self.results[place] = result

    def _result(self, key: Key, row: Row, outcome: Stored | Problem) -> AppendResult:
        if isinstance(outcome, Problem):
            return AppendResult(problem=outcome.document())
        if (problem := rules.refusal(outcome.outcome, row.kind)) is not None:
            return AppendResult(problem=problem.document())
        body = row.body if outcome.deleted_at is None else rules.without_text(row.kind, row.body)
        event = Event(
            outcome.seq, row.kind, row.sender, row.client_id, body, outcome.created_at,
            row.target or None, outcome.deleted_at, outcome.attachments,
        )  # fmt: skip
        return AppendResult(
            delivery(event, outcome.thread, self._members[key]), outcome.outcome is Outcome.NEW
        )

    def answers(self) -> list[AppendResult]:
        """Every item has its result by now."""
        return [result for result in self.results if result is not None]
