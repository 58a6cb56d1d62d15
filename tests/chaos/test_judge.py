"""A judge that never convicts is worthless: it must see each breach, and nothing else."""

import time

import pytest

from tests.chaos.device import Device
from tests.chaos.judge import Verdict, judge
from tests.chaos.log import ThreadLog
from tests.chaos.message import Outgoing
from tests.chaos.pair import Pair
from tests.chaos.recovery import spread
from tests.chaos.stored import Stored, StoredThread


class Somebody:
    """The little of a Person that a pair asks for."""

    http = None
    base_url = "http://unused"

    def __init__(self, username: str) -> None:
        self.username = username


@pytest.fixture
async def pair() -> Pair:
    """Three messages of ann, acknowledged, stored and applied by both."""
    made = Pair(Somebody("ann"), Somebody("bob"))  # type: ignore[arg-type]
    for seq in (1, 2, 3):
        message = made.write(made.writers[0])
        made.writers[0].outbox.acknowledge(message.client_id, seq, time.monotonic())
        for device in made.devices:
            assert device.log.apply(frame(message, seq), 1.0)
    return made


def frame(message: Outgoing, seq: int) -> dict[str, object]:
    return {"type": "message", "seq": seq, "sender": message.sender, "client_id": message.client_id,
            "text": message.text, "thread": "bob"}  # fmt: skip


def stored(pair: Pair) -> StoredThread:
    messages = pair.messages.values()
    events = [Stored(m.seq, 7, m.client_id, "message", m.text) for m in messages]
    return StoredThread(1, len(events), events)


def blamed(verdict: Verdict) -> set[str]:
    return {kind for kind, count in verdict.counts.items() if count}


async def test_a_committed_prefix_applied_by_everybody_is_innocent(pair: Pair) -> None:
    verdict = judge([pair], [stored(pair)])
    assert verdict.held
    assert (verdict.acknowledged, verdict.applied) == (3, 6)


async def test_an_acknowledged_message_that_is_not_stored_is_lost(pair: Pair) -> None:
    thread = stored(pair)
    verdict = judge([pair], [StoredThread(1, 2, thread.events[:2])])
    assert blamed(verdict) >= {"lost"}


async def test_a_message_stored_under_another_seq_than_acknowledged_is_lost(pair: Pair) -> None:
    one, two, three = stored(pair).events
    swapped = [
        Stored(1, 7, two.client_id, "message", two.text),
        Stored(2, 7, one.client_id, "message", one.text),
    ]
    assert blamed(judge([pair], [StoredThread(1, 3, [*swapped, three])])) >= {"lost", "reordered"}


async def test_a_second_row_for_one_client_id_is_a_duplicate(pair: Pair) -> None:
    events = stored(pair).events
    again = Stored(4, 7, events[2].client_id, "message", events[2].text)
    assert "duplicated" in blamed(judge([pair], [StoredThread(1, 4, [*events, again])]))


async def test_a_hole_in_the_log_and_a_wrong_head_are_gaps(pair: Pair) -> None:
    events = stored(pair).events
    assert "gap" in blamed(judge([pair], [StoredThread(1, 3, [events[0], events[2]])]))
    assert "gap" in blamed(judge([pair], [StoredThread(1, 4, events)]))


async def test_a_row_that_nobody_of_the_pair_wrote_is_a_leak(pair: Pair) -> None:
    events = stored(pair).events
    foreign = Stored(4, 8, "00000000-0000-7000-8000-000000000000", "message", "eve>mallory#1")
    assert "leaked" in blamed(judge([pair], [StoredThread(1, 4, [*events, foreign])]))


async def test_a_device_that_is_behind_at_the_end_is_blamed(pair: Pair) -> None:
    pair.devices[1].log.entries.pop()
    assert blamed(judge([pair], [stored(pair)])) == {"undelivered"}


async def test_a_device_sees_repeats_and_gaps_when_they_happen(pair: Pair) -> None:
    log = ThreadLog("bob")
    message = next(iter(pair.messages.values()))
    assert log.apply(frame(message, 1), 0.0)
    assert not log.apply({**frame(message, 1), "repeat": True}, 0.0)
    assert log.breaches == []
    assert not log.apply(frame(message, 1), 0.0)
    assert log.apply(frame(message, 3), 0.0)
    assert [kind for kind, _ in log.breaches] == ["duplicated", "gap"]


async def test_a_device_that_sees_a_strangers_thread_or_text_reports_a_leak(pair: Pair) -> None:
    ann: Device = pair.writers[0]
    message = next(iter(pair.messages.values()))
    ann._take({**frame(message, 4), "thread": "eve"})
    ann._take({**frame(message, 4), "text": "eve>mallory#1"})
    ann._take({"type": "read", "thread": "bob", "seq": 1, "by": "eve"})
    ann._take({"type": "welcome", "username": "ann", "log": "x", "threads": {"eve": {}}})
    assert len(ann.leaks) == 4
    assert blamed(judge([pair], [stored(pair)])) == {"leaked"}


def test_the_spread_names_the_median_the_99th_percentile_and_the_longest() -> None:
    found = spread([float(number) for number in range(1, 201)])
    assert (found.count, found.median, found.p99, found.longest) == (200, 100.0, 198.0, 200.0)
