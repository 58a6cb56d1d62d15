"""Group commit over a link that loses answers."""

import asyncio
from uuid import uuid4

import pytest

from services.relay.connection import Connection
from services.relay.log.batch import MAX_PENDING_BYTES, WORTH_A_SECOND, Batcher
from services.relay.log.linked import Answer, LinkLost
from services.relay.log.sent import Sent
from services.relay.tests.test_connection import NodeInMemory, opened
from shared.plumbing import failpoints
from shared.plumbing.tasks import running
from shared.wire.attachments import NamedAttachment
from shared.wire.link import AppendBatch, Appended, AppendFailed, AppendItem, AppendResult, ReadBatch
from shared.wire.problems import Conflict, Unavailable


class LinkInMemory:
    """Answers when the test tells it to."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[tuple[AppendBatch, asyncio.Future[Answer]]] = asyncio.Queue()
        self._number = 0
        self.doubts = 0

    def doubt(self) -> None:
        self.doubts += 1

    def number(self) -> int:
        self._number += 1
        return self._number

    async def ask(self, request: AppendBatch | ReadBatch) -> Answer:
        assert isinstance(request, AppendBatch)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.asked.put_nowait((request, answer))
        return await answer


class Desk:
    """A batcher with its link and what has been settled."""

    def __init__(self) -> None:
        self.link = LinkInMemory()
        self.settled: list[tuple[str, AppendResult]] = []
        self.alone: asyncio.Queue[tuple[AppendItem, asyncio.Future[AppendResult]]] = asyncio.Queue()
        self.log = "a"
        self.batcher = Batcher(
            self.link,  # type: ignore[arg-type]
            "relay-1",
            self._settle,
            self._append_alone,
            lambda log: log == self.log,
        )
        self.connection, _ = opened(NodeInMemory())

    def _settle(self, sent: Sent, result: AppendResult) -> None:
        self.settled.append((sent.item.body, result))

    async def _append_alone(self, item: AppendItem, of: str, trace: object) -> AppendResult:
        answer: asyncio.Future[AppendResult] = asyncio.get_running_loop().create_future()
        self.alone.put_nowait((item, answer))
        return await answer

    def add_photo(self, text: str, to: str = "bob") -> None:
        item = AppendItem(1, "ann", to, "message", uuid4(), text, attachments=[NamedAttachment("x")])
        self.batcher.add(
            Sent(item, self.connection, str(item.client_id), self.connection.order.number(), 0.0)
        )

    async def next_alone(self) -> tuple[AppendItem, asyncio.Future[AppendResult]]:
        return await asyncio.wait_for(self.alone.get(), 5)

    def add(self, *texts: str, to: str = "bob", connection: Connection | None = None) -> None:
        for text in texts:
            item = AppendItem(1, "ann", to, "message", uuid4(), text)
            sender = connection or self.connection
            number = sender.order.number()
            self.batcher.add(Sent(item, sender, str(item.client_id), number, 0.0, self.log))

    async def next(self) -> tuple[AppendBatch, asyncio.Future[Answer]]:
        return await asyncio.wait_for(self.link.asked.get(), 5)

    def texts(self) -> list[str]:
        return [text for text, _ in self.settled]


def answer(batch: AppendBatch, *problems: object) -> Appended:
    """Every item is stored; one with a problem in its place is not."""
    results = [AppendResult(created=True) for _ in batch.items]
    for place, problem in enumerate(problems):
        if problem is not None:
            results[place] = AppendResult(problem=problem.document())  # type: ignore[attr-defined]
    return Appended(batch.batch, results, batch.log)


@pytest.fixture
async def desk() -> Desk:
    return Desk()


def bodies(batch: AppendBatch) -> list[str]:
    return [item.body for item in batch.items]


async def test_what_arrives_while_a_batch_is_in_flight_is_the_next_batch(desk: Desk) -> None:
    async with running(desk.batcher.run):
        desk.add("1", "2")
        first, reply = await desk.next()
        assert bodies(first) == ["1", "2"]
        desk.add("3")
        desk.add("4")
        assert desk.link.asked.empty()
        reply.set_result(answer(first))
        second, reply = await desk.next()
        assert bodies(second) == ["3", "4"]
        reply.set_result(answer(second))
        await desk.batcher.finished()
    assert desk.texts() == ["1", "2", "3", "4"]


async def test_what_was_stored_in_another_log_is_asked_again_until_that_one_is_known(desk: Desk) -> None:
    """Its seqs would be taken for those of the log before, and nobody would be shown it."""
    async with running(desk.batcher.run):
        desk.add("1")
        first, reply = await desk.next()
        reply.set_result(Appended(first.batch, [AppendResult(created=True)], "b"))
        again, reply = await desk.next()
        assert (again, desk.settled, desk.link.doubts) == (first, [], 1)
        desk.log = "b"
        reply.set_result(Appended(first.batch, [AppendResult(created=False)], "b"))
        await desk.batcher.finished()
    assert desk.texts() == ["1"]


async def test_a_batch_is_of_one_log(desk: Desk) -> None:
    """What was said about a message before the log was replaced is about another one now."""
    async with running(desk.batcher.run):
        desk.add("1")
        _, reply = await desk.next()
        desk.add("2")
        desk.log = "b"
        desk.add("3")
        desk.add("4", to="eve")
        reply.set_result(Appended(1, [AppendResult(created=True)], "b"))
        second, reply = await desk.next()
        reply.set_result(Appended(second.batch, [AppendResult(created=True)], "b"))
        third, reply = await desk.next()
        reply.set_result(answer(third))
        await desk.batcher.finished()
    assert [(bodies(batch), batch.log) for batch in (second, third)] == [(["2"], "a"), (["3", "4"], "b")]


async def test_a_batch_without_an_answer_is_repeated_unchanged_before_any_later_one(desk: Desk) -> None:
    async with running(desk.batcher.run):
        desk.add("1", "2")
        first, reply = await desk.next()
        desk.add("3")
        reply.set_exception(LinkLost())
        again, reply = await desk.next()
        assert again == first
        reply.set_result(AppendFailed(again.batch, Unavailable().document()))
        once_more, reply = await desk.next()
        assert once_more == first
        reply.set_result(answer(once_more))
        later, reply = await desk.next()
        assert bodies(later) == ["3"]
        reply.set_result(answer(later))
        await desk.batcher.finished()
    assert desk.texts() == ["1", "2", "3"]


async def test_much_that_waits_goes_in_a_second_batch_but_never_past_its_own_thread(desk: Desk) -> None:
    async with running(desk.batcher.run):
        desk.add("1", to="bob")
        first, reply_to_first = await desk.next()
        desk.add("2", to="bob")
        desk.add(*(str(number) for number in range(WORTH_A_SECOND - 2)), to="cat")
        for _ in range(10):
            await asyncio.sleep(0)
        assert desk.link.asked.empty()
        desk.add("last", to="cat")
        second, reply_to_second = await desk.next()
        assert {item.to for item in second.items} == {"cat"}
        assert len(second.items) == WORTH_A_SECOND - 1
        reply_to_second.set_result(answer(second))
        for _ in range(10):
            await asyncio.sleep(0)
        assert desk.link.asked.empty()
        assert desk.texts()[-1] == "last"
        reply_to_first.set_result(answer(first))
        third, reply = await desk.next()
        assert bodies(third) == ["2"]
        reply.set_result(answer(third))
        await desk.batcher.finished()
    assert desk.texts()[-2:] == ["1", "2"]


async def test_both_batches_in_flight_are_repeated_unchanged(desk: Desk) -> None:
    async with running(desk.batcher.run):
        desk.add("1", to="bob")
        one = await desk.next()
        desk.add(*(str(number) for number in range(WORTH_A_SECOND)), to="cat")
        other = await desk.next()
        for _, reply in (one, other):
            reply.set_exception(LinkLost())
        again = [await desk.next(), await desk.next()]
        assert [batch for batch, _ in again] == [one[0], other[0]]
        finished = asyncio.create_task(desk.batcher.finished())
        for batch, reply in again:
            await asyncio.sleep(0)
            assert not finished.done()
            reply.set_result(answer(batch))
        await finished


async def test_a_batch_holds_256_items_at_most(desk: Desk) -> None:
    async with running(desk.batcher.run):
        desk.add(*(str(number) for number in range(600)))
        sizes: list[int] = []
        while sum(sizes) < 600:
            batch, reply = await desk.next()
            sizes.append(len(batch.items))
            reply.set_result(answer(batch))
        assert sizes == [256, 256, 88]
        await desk.batcher.finished()


async def test_a_batch_of_long_texts_is_cut_by_size(desk: Desk) -> None:
    async with running(desk.batcher.run):
        desk.add(*["x" * 300_000] * 5)
        batch, reply = await desk.next()
        assert len(batch.items) == 4
        reply.set_result(answer(batch))
        batch, reply = await desk.next()
        reply.set_result(answer(batch))


async def test_what_follows_a_send_that_must_come_again_does_not_overtake_it(desk: Desk) -> None:
    other, _ = opened(NodeInMemory())
    async with running(desk.batcher.run):
        desk.add("1")
        first, reply = await desk.next()
        desk.add("2")
        desk.add("to eve", to="eve")
        desk.add("other socket", connection=other)
        reply.set_result(answer(first, Unavailable()))
        second, reply = await desk.next()
        assert bodies(second) == ["to eve", "other socket"]
        reply.set_result(answer(second))
        await desk.batcher.finished()
    refused = [text for text, result in desk.settled if result.problem is not None]
    assert refused == ["1", "2"]


async def test_a_final_rejection_holds_up_nothing(desk: Desk) -> None:
    async with running(desk.batcher.run):
        desk.add("1")
        first, reply = await desk.next()
        desk.add("2")
        reply.set_result(answer(first, Conflict()))
        second, reply = await desk.next()
        assert bodies(second) == ["2"]
        reply.set_result(answer(second))
        await desk.batcher.finished()


async def test_a_connection_is_read_again_when_its_sends_are_answered(desk: Desk) -> None:
    async with running(desk.batcher.run):
        desk.add(*["x"] * 64)
        assert desk.connection.held
        batch, reply = await desk.next()
        reply.set_result(answer(batch))
        await desk.batcher.finished()
    assert not desk.connection.held


async def test_whoever_sends_while_too_much_waits_is_not_read(desk: Desk) -> None:
    long = "x" * 4000
    others = [opened(NodeInMemory())[0] for _ in range(40)]
    async with running(desk.batcher.run):
        for other in others:
            desk.add(*[long] * 30, connection=other)
        waiting = [other.held for other in others]
        assert not any(waiting[:30])
        assert all(waiting[-5:])
        assert desk.batcher._pending_bytes < MAX_PENDING_BYTES + 30 * 17_000 * 10
        settled = 0
        while settled < 1200:
            batch, reply = await desk.next()
            settled += len(batch.items)
            reply.set_result(answer(batch))
        await desk.batcher.finished()
    assert not any(other.held for other in others)
    assert desk.batcher._pending_bytes == 0


@pytest.mark.parametrize("point", ["relay.before_batch", "relay.before_settle"])
async def test_an_error_between_two_steps_repeats_the_batch(desk: Desk, point: str) -> None:
    failpoints.arm(f"{point}=error@1")
    try:
        async with running(desk.batcher.run):
            desk.add("1", "2")
            while not desk.settled:
                batch, reply = await desk.next()
                assert bodies(batch) == ["1", "2"]
                reply.set_result(answer(batch))
                if point == "relay.before_batch":
                    await desk.batcher.finished()
                elif desk.link.asked.empty():
                    await asyncio.wait_for(_either(desk), 5)
    finally:
        failpoints.arm("")
    assert desk.texts() == ["1", "2"]


async def _either(desk: Desk) -> None:
    """Until the batch is settled or asked again."""
    finished = asyncio.create_task(desk.batcher.finished())
    again = asyncio.create_task(_peek(desk))
    await asyncio.wait({finished, again}, return_when=asyncio.FIRST_COMPLETED)
    for task in (finished, again):
        task.cancel()


async def _peek(desk: Desk) -> None:
    item = await desk.link.asked.get()
    desk.link.asked.put_nowait(item)


async def test_a_send_with_files_goes_apart_and_only_its_own_thread_waits_for_it(desk: Desk) -> None:
    async with running(desk.batcher.run):
        desk.add("1")
        desk.add_photo("2")
        desk.add("3")
        desk.add_photo("4")
        desk.add("5")
        desk.add("to eve", to="eve")
        first, reply = await desk.next()
        assert bodies(first) == ["1", "to eve"]
        assert desk.alone.empty(), "what was sent before it is not stored yet"
        reply.set_result(answer(first))
        item, stored = await desk.next_alone()
        assert item.body == "2"
        desk.add("6")
        desk.add("to eve again", to="eve")
        second, reply = await desk.next()
        assert bodies(second) == ["to eve again"]
        reply.set_result(answer(second))
        for _ in range(10):
            await asyncio.sleep(0)
        assert desk.link.asked.empty()
        stored.set_result(AppendResult(created=True))
        third, reply = await desk.next()
        assert bodies(third) == ["3"]
        reply.set_result(answer(third))
        item, stored = await desk.next_alone()
        finished = asyncio.create_task(desk.batcher.finished())
        await asyncio.sleep(0)
        assert (item.body, finished.done()) == ("4", False)
        stored.set_result(AppendResult(created=True))
        last, reply = await desk.next()
        assert bodies(last) == ["5", "6"]
        reply.set_result(answer(last))
        await finished
    assert [text for text in desk.texts() if text.isdecimal()] == ["1", "2", "3", "4", "5", "6"]
    assert desk.batcher._pending_bytes == 0


async def test_one_with_files_is_repeated_until_it_is_answered_and_its_followers_share_its_fate(
    desk: Desk,
) -> None:
    async with running(desk.batcher.run):
        desk.add_photo("1")
        desk.add_photo("to eve", to="eve")
        item, stored = await desk.next_alone()
        _, to_eve = await desk.next_alone()
        desk.add("2", "3")
        stored.set_exception(Unavailable())
        again, stored = await desk.next_alone()
        assert (again, desk.texts()) == (item, [])
        stored.set_result(AppendResult(problem=Unavailable().document()))
        to_eve.set_exception(Conflict())
        await asyncio.wait_for(desk.batcher.finished(), 5)
    told = {text: result.problem.code for text, result in desk.settled if result.problem}
    assert told == {"1": "unavailable", "2": "unavailable", "3": "unavailable", "to eve": "conflict"}
    assert desk.batcher._pending_bytes == 0


async def test_many_that_wait_for_files_hold_up_nobody_elses_sends(desk: Desk) -> None:
    async with running(desk.batcher.run):
        for number in range(300):
            desk.add_photo("photo", to=f"p{number}")
            desk.add("behind", to=f"p{number}")
        desk.add("1", to="eve")
        batch, reply = await desk.next()
        assert bodies(batch) == ["1"]
        reply.set_result(answer(batch))
