"""A judge that never convicts is worthless: it must see each breach, and nothing else."""

import copy
import time
from dataclasses import replace
from typing import Any

import pytest

from shared.testing.folded import Folded, State
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
    is_new = {"type": "message", **message.content}
    what = (
        is_new
        if message.kind == "message"
        else {"type": "event", "kind": message.kind, "body": message.content}
    )
    return what | {"seq": seq, "sender": message.sender, "client_id": message.client_id, "thread": "bob",
                   "sent_at": f"at {seq}"}  # fmt: skip


def stored(pair: Pair) -> StoredThread:
    messages = pair.messages.values()
    events = [Stored(m.seq, 7, m.client_id, m.kind, m.content) for m in messages]
    return StoredThread(1, len(events), events)


def told(pair: Pair) -> dict[str, dict[int, State]]:
    """What the log adds up to."""
    folded = Folded()
    for message in pair.messages.values():
        folded.apply(frame(message, message.seq))
    return dict.fromkeys(pair.names, folded.messages)


def verdict_on(pair: Pair, *events: Stored, head: int = 0) -> Verdict:
    """When these are stored, with this head or the right one."""
    return judge([pair], [StoredThread(1, head or len(events), list(events))], told(pair))


def change(pair: Pair, kind: str, **body: Any) -> Outgoing:
    """One of ann's, acknowledged and applied by both devices."""
    made = pair.write(pair.writers[0], kind=kind, **body)
    pair.writers[0].outbox.acknowledge(made.client_id, len(pair.messages), time.monotonic())
    for device in pair.devices:
        assert device.log.apply(frame(made, made.seq), 1.0)
    return made


def redacted(event: Stored) -> Stored:
    """Its text is deleted."""
    content = {name: value for name, value in event.content.items() if name != "text"}
    return Stored(event.seq, event.sender, event.client_id, event.kind, content, deleted=True)


def blamed(verdict: Verdict) -> set[str]:
    return {kind for kind, count in verdict.counts.items() if count}


async def test_a_committed_prefix_applied_by_everybody_is_innocent(pair: Pair) -> None:
    verdict = verdict_on(pair, *stored(pair).events)
    assert verdict.held
    assert (verdict.acknowledged, verdict.applied) == (3, 6)


async def test_an_acknowledged_message_that_is_not_stored_is_lost(pair: Pair) -> None:
    assert blamed(verdict_on(pair, *stored(pair).events[:2])) >= {"lost"}


async def test_what_went_with_its_log_is_lost_only_where_nothing_may_be(pair: Pair) -> None:
    """An asynchronous standby was promoted, and every device knows it."""
    kept = stored(pair).events[:2]
    for message in pair.messages.values():
        message.log = "before"
    for device in pair.devices:
        device._knows("before")
        assert not device._knows("after")
        assert [entry.seq for entry in device.logs_before[0].entries] == [1, 2, 3]
        for message in list(pair.messages.values())[:2]:
            device.log.apply(frame(message, message.seq), 2.0)
    left = [StoredThread(1, 2, kept)]
    right = {name: {seq: states[seq] for seq in (1, 2)} for name, states in told(pair).items()}
    allowed = judge([pair], left, right, may_lose=True)
    assert (allowed.held, allowed.lost_with_its_log) == (True, 1), allowed.evidence
    assert blamed(judge([pair], left, right)) == {"lost"}


async def test_an_event_of_the_log_after_upon_what_was_lost_is_noticed(pair: Pair) -> None:
    one, two, three = stored(pair).events
    device = pair.devices[0]
    device._knows("before")
    device._knows("after")
    instead = replace(two, client_id=three.client_id)
    assert "different" in blamed(verdict_on(pair, one, instead, three))


async def test_changes_of_a_log_that_was_replaced_are_dropped(pair: Pair) -> None:
    device = pair.writers[0]
    pair.write(device, kind="delete", target=1)
    new = pair.write(device)
    device._knows("before")
    device._knows("after")
    assert device.outbox.waiting == [new]


async def test_a_message_stored_under_another_seq_than_acknowledged_is_lost(pair: Pair) -> None:
    one, two, three = stored(pair).events
    swapped = [replace(two, seq=1), replace(one, seq=2)]
    assert blamed(verdict_on(pair, *swapped, three)) >= {"lost", "reordered"}


async def test_a_second_row_for_one_client_id_is_a_duplicate(pair: Pair) -> None:
    events = stored(pair).events
    assert "duplicated" in blamed(verdict_on(pair, *events, replace(events[2], seq=4)))


async def test_a_hole_in_the_log_and_a_wrong_head_are_gaps(pair: Pair) -> None:
    events = stored(pair).events
    assert "gap" in blamed(verdict_on(pair, events[0], events[2], head=3))
    assert "gap" in blamed(verdict_on(pair, *events, head=4))


async def test_a_row_that_nobody_of_the_pair_wrote_is_a_leak(pair: Pair) -> None:
    events = stored(pair).events
    foreign = Stored(4, 8, "00000000-0000-7000-8000-000000000000", "message", {"text": "eve>mallory#1"})
    assert "leaked" in blamed(verdict_on(pair, *events, foreign))


async def test_a_device_that_is_behind_at_the_end_is_blamed(pair: Pair) -> None:
    log = pair.devices[1].log
    last = log.entries.pop()
    del log.state.messages[last.seq]
    assert blamed(verdict_on(pair, *stored(pair).events)) == {"undelivered", "different"}


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
    assert blamed(verdict_on(pair, *stored(pair).events)) == {"leaked"}


async def test_changes_that_everybody_has_are_innocent_and_so_is_one_of_what_was_gone(pair: Pair) -> None:
    change(pair, "edit", target=1)
    change(pair, "reaction", target=2, emoji="❤️")
    change(pair, "delete", target=1)
    change(pair, "message", reply_to=1)
    one, two, three, edit, *rest = stored(pair).events
    late = pair.write(pair.writers[1], kind="reaction", target=1, emoji="❤️")
    pair.writers[1].outbox.reject(late.client_id, {"code": "gone"})
    thread = StoredThread(1, 7, [redacted(one), two, three, redacted(edit), *rest])
    right = told(pair)
    verdict = judge([pair], [thread], right)
    assert verdict.held, verdict.evidence
    assert verdict.acknowledged == 7
    late.content["target"] = 2
    assert blamed(judge([pair], [thread], right)) == {"refused"}


async def test_a_lost_edit_is_noticed_at_a_device_and_in_the_log(pair: Pair) -> None:
    before = copy.deepcopy(pair.devices[1].log.state.messages)
    change(pair, "edit", target=1)
    events = stored(pair).events
    assert verdict_on(pair, *events).held
    assert blamed(verdict_on(pair, *events[:3])) >= {"lost"}
    assert blamed(verdict_on(pair, *events[:3], replace(events[3], content={"target": 1}))) >= {
        "leaked",
        "lost",
    }
    pair.devices[1].log.state.messages = before
    assert blamed(verdict_on(pair, *events)) == {"different"}


async def test_a_text_that_came_back_is_noticed_wherever_it_is(pair: Pair) -> None:
    change(pair, "edit", target=1)
    change(pair, "delete", target=1)
    one, two, three, edit, delete = stored(pair).events
    assert verdict_on(pair, redacted(one), two, three, redacted(edit), delete).held
    for kept in (one, replace(one, deleted=True)):
        assert "undeleted" in blamed(verdict_on(pair, kept, two, three, redacted(edit), delete))
    for kept in (edit, replace(edit, deleted=True)):
        assert "undeleted" in blamed(verdict_on(pair, redacted(one), two, three, kept, delete))
    pair.devices[1].log.state.messages[1]["text"] = "it is back"
    assert blamed(verdict_on(pair, redacted(one), two, three, redacted(edit), delete)) == {
        "undeleted",
        "different",
    }


async def test_a_reaction_that_differs_is_noticed(pair: Pair) -> None:
    change(pair, "reaction", target=1, emoji="❤️")
    pair.devices[1].log.state.messages[1]["reactions"] = {"ann": "👍"}
    assert blamed(verdict_on(pair, *stored(pair).events)) == {"different"}


def test_the_spread_names_the_median_the_99th_percentile_and_the_longest() -> None:
    found = spread([float(number) for number in range(1, 201)])
    assert (found.count, found.median, found.p99, found.longest) == (200, 100.0, 198.0, 200.0)
