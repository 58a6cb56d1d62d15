"""The hub alone: through any disorder, repetition and loss, each connection gets the prefix, in order, once."""

import random
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.relay.delivery.hub import UNKNOWN, Hub, Thread
from shared.wire.log import Delivery, Head

ANN, BOB, EVE = 1, 2, 3
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine is shared


class Reader:
    """Keeps what it was given."""

    def __init__(self) -> None:
        self.got: list[tuple[int, int, bytes]] = []
        self.ephemeral: list[bytes] = []

    def deliver(self, thread: int, seq: int, frame: bytes) -> None:
        self.got.append((thread, seq, frame[2:]))

    def notify(self, frame: bytes) -> None:
        self.ephemeral.append(frame)

    def seqs(self, thread: int) -> list[int]:
        return [seq for of, seq, _ in self.got if of == thread]


def event(thread: int, seq: int, low: int = ANN, high: int = BOB) -> Delivery:
    return Delivery(thread, seq, low, high, msgspec.Raw(b"low%d" % seq), msgspec.Raw(b"high%d" % seq))


def hub_with(*users: int, heads: list[Head] | None = None) -> tuple[Hub, dict[int, Reader], list[Thread]]:
    """A hub whose users are loaded, and the gaps it has reported."""
    gaps: list[Thread] = []
    hub = Hub(gaps.append)
    readers = {}
    for user in users:
        readers[user] = Reader()
        hub.register(user, readers[user])
        hub.load(user, [head for head in heads or [] if user in (head.low, head.high)])
    return hub, readers, gaps


@unhurried
@given(st.data(), st.integers(1, 12), st.integers(0, 5))
def test_any_order_with_repeats_and_losses_gives_the_prefix_in_order_once(
    data: Any, count: int, start: int
) -> None:
    hub, readers, gaps = hub_with(ANN, BOB, heads=[Head(7, ANN, BOB, start)])
    log = [event(7, seq) for seq in range(1, start + count + 1)]
    offers = data.draw(st.lists(st.sampled_from(log), max_size=40))
    for offered in offers:
        hub.offer(offered)
    hub.offer_head(Head(7, ANN, BOB, len(log)))
    assert gaps or hub.threads[7].head == len(log)
    for missing in log[hub.threads[7].head :]:  # what a fetch brings
        hub.offer(missing)
    expected = list(range(start + 1, len(log) + 1))
    assert readers[ANN].seqs(7) == readers[BOB].seqs(7) == expected
    assert not hub.threads[7].lacks
    assert hub.threads[7].waiting is None


@unhurried
@given(st.integers(0, 2**32))
def test_threads_do_not_disturb_each_other(seed: int) -> None:
    hub, readers, _ = hub_with(ANN, BOB, EVE)
    events = [event(7, seq) for seq in range(1, 9)] + [event(8, seq, ANN, EVE) for seq in range(1, 9)]
    random.Random(seed).shuffle(events)
    for offered in events:
        hub.offer(offered)
    assert readers[ANN].seqs(7) == readers[ANN].seqs(8) == list(range(1, 9))
    assert {of for of, _, _ in readers[EVE].got} == {8}
    assert {of for of, _, _ in readers[BOB].got} == {7}


def test_each_member_gets_their_own_frame() -> None:
    hub, readers, _ = hub_with(ANN, BOB)
    hub.offer(event(7, 1))
    assert readers[ANN].got == [(7, 1, b"low1")]
    assert readers[BOB].got == [(7, 1, b"high1")]


def test_a_gap_is_reported_and_closes_when_it_is_filled() -> None:
    hub, readers, gaps = hub_with(ANN, BOB)
    hub.offer(event(7, 1))
    hub.offer(event(7, 3))
    assert readers[ANN].seqs(7) == [1]
    assert [thread.id for thread in gaps] == [7]
    hub.offer(event(7, 2))
    assert readers[ANN].seqs(7) == [1, 2, 3]


def test_a_thread_that_begins_while_its_members_are_here_begins_at_one() -> None:
    hub, readers, gaps = hub_with(ANN)
    hub.offer(event(7, 2))
    assert readers[ANN].got == []
    assert gaps[0].lacks
    hub.offer(event(7, 1))
    assert readers[ANN].seqs(7) == [1, 2]


def test_nothing_goes_out_before_the_heads_are_known_and_nothing_is_lost_after() -> None:
    gaps: list[Thread] = []
    hub = Hub(gaps.append)
    ann = Reader()
    hub.register(ANN, ann)
    hub.offer(event(7, 43))
    hub.offer(event(7, 41))
    assert hub.threads[7].head == UNKNOWN
    assert not gaps
    hub.load(ANN, [Head(7, ANN, BOB, 41)])
    assert ann.seqs(7) == []
    assert gaps == [hub.threads[7]], "43 was heard of, 42 is missing"
    hub.offer(event(7, 42))
    assert ann.seqs(7) == [42, 43]


def test_a_thread_heard_of_but_not_in_the_heads_began_after_they_were_read() -> None:
    hub = Hub(lambda thread: None)
    ann = Reader()
    hub.register(ANN, ann)
    hub.offer(event(7, 1))
    assert ann.got == []
    hub.load(ANN, [])
    assert ann.seqs(7) == [1]


def test_what_concerns_nobody_here_is_not_kept() -> None:
    hub, _, gaps = hub_with(EVE)
    hub.offer(event(7, 1))
    hub.offer_head(Head(7, ANN, BOB, 9))
    assert not hub.threads
    assert not gaps


def test_the_last_connection_of_the_last_member_takes_the_thread_along() -> None:
    hub, readers, _ = hub_with(ANN, BOB, heads=[Head(7, ANN, BOB, 5)])
    second = Reader()
    hub.register(ANN, second)
    assert hub.unregister(ANN, readers[ANN]) is None
    assert hub.unregister(ANN, second) is not None
    assert 7 in hub.threads
    assert hub.unregister(BOB, readers[BOB]) is not None
    assert not hub.threads
    assert not hub.members
    assert hub.unregister(BOB, readers[BOB]) is None


def test_a_member_who_goes_before_their_heads_came_leaves_nothing_behind() -> None:
    hub, readers, _ = hub_with(ANN, heads=[Head(7, ANN, BOB, 5)])
    hub.register(BOB, bob := Reader())
    hub.unregister(ANN, readers[ANN])
    hub.unregister(BOB, bob)
    assert not hub.threads


def test_a_member_who_comes_back_starts_from_fresh_heads() -> None:
    hub, readers, gaps = hub_with(ANN, heads=[Head(7, ANN, BOB, 5)])
    hub.unregister(ANN, readers[ANN])
    again = Reader()
    hub.register(ANN, again)
    hub.load(ANN, [Head(7, ANN, BOB, 9)])
    hub.offer(event(7, 10))
    assert again.seqs(7) == [10]
    assert not gaps


def test_a_head_that_another_member_brings_is_fetched_for_all() -> None:
    hub, readers, gaps = hub_with(ANN, heads=[Head(7, ANN, BOB, 5)])
    hub.register(BOB, bob := Reader())
    hub.load(BOB, [Head(7, ANN, BOB, 6)])
    assert gaps == [hub.threads[7]]
    hub.offer(event(7, 6))
    assert readers[ANN].seqs(7) == bob.seqs(7) == [6]


def test_events_that_wait_are_bounded() -> None:
    hub, _, _ = hub_with(ANN)
    for seq in range(2, 2000):
        hub.offer(event(7, seq))
    waiting = hub.threads[7].waiting
    assert waiting is not None
    assert len(waiting) <= 256
    assert hub.threads[7].top == 1999
