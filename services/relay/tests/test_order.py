"""Which send may come next."""

from typing import Any
from uuid import UUID

import pytest

from services.relay.connection import Connection
from services.relay.order import MAX_REJECTED, SendOrder
from services.relay.tests.test_connection import NodeInMemory, opened
from services.relay.transport.framing import text_frame
from shared.wire import codec
from shared.wire.ids import uuid7
from shared.wire.problems import Invalid, Unavailable

A, B, C, D = range(1, 5)


def text(id: int) -> str:
    """As a client_id is written."""
    return str(UUID(int=id))


def rejected(*ids: int) -> SendOrder:
    """Sends to bob, rejected in this order."""
    order = SendOrder("ann")
    for id in ids:
        order.rejected(order.number(), "bob", id)
    return order


def test_after_a_rejection_only_the_rejected_send_may_come_next() -> None:
    order = rejected(A)
    assert order.must_wait("bob", B)
    assert not order.must_wait("eve", B), "to another person"
    assert not order.must_wait("bob", A)
    assert not order.must_wait("bob", B)


def test_the_earliest_of_the_rejected_sends_must_come_first() -> None:
    """The first two wait for their batch while the third is rejected at once."""
    order = SendOrder("ann")
    for number, id in ((3, C), (1, A), (2, B)):
        order.rejected(number, "bob", id)
    assert order.must_wait("bob", C)
    assert not order.must_wait("bob", A)
    assert not order.must_wait("bob", B)


def test_nothing_new_comes_between_two_rejected_sends() -> None:
    """The sender writes on as soon as the first has come again, and perhaps has not heard of the second yet."""
    order = rejected(A, B)
    assert not order.must_wait("bob", A)
    assert order.must_wait("bob", C)
    assert not order.must_wait("bob", B)
    assert not order.must_wait("bob", C)


def test_a_send_that_is_rejected_twice_keeps_its_place() -> None:
    order = rejected(A, B, C)
    for id in (A, B):
        assert not order.must_wait("bob", id)
    for id in (A, B):
        order.rejected(order.number(), "bob", id)
    assert order.must_wait("bob", C)
    for id in (A, B, C):
        assert not order.must_wait("bob", id)


def test_a_send_that_is_stored_is_not_held_against_later_ones_with_its_id() -> None:
    order = rejected(A, B)
    assert not order.must_wait("bob", A)
    order.over("bob", A)
    order.rejected(order.number(), "bob", A)  # said once more, for nothing
    assert not order.must_wait("bob", B)


def test_a_rejected_send_whose_event_is_given_need_not_come_again() -> None:
    order = rejected(A, B)
    order.given("bob", A)
    assert order.must_wait("bob", C), "the second is now the one to come again"
    order.given("bob", B)
    assert not order.must_wait("bob", C)


def test_the_same_id_in_another_thread_lifts_nothing() -> None:
    order = rejected(A)
    order.given("eve", A)
    assert order.must_wait("bob", B)


def test_a_send_that_was_given_meanwhile_is_known_at_its_answer() -> None:
    order = SendOrder("ann")
    for _ in range(2):
        order.asked("bob", A)
    order.asked("bob", B)
    order.given("bob", A)
    assert order.answered("bob", A)
    assert order.answered("bob", A), "it was asked twice"
    assert not order.answered("bob", B)


def test_who_repeats_a_later_send_first_has_given_the_earlier_one_up() -> None:
    """Like a page that has learnt in another way that the earlier one is stored."""
    order = rejected(A)
    assert order.must_wait("bob", B)
    order.rejected(order.number(), "bob", B)
    assert not order.must_wait("bob", B)
    assert not order.must_wait("bob", C)


def test_a_later_send_that_was_on_its_way_with_the_repetition_of_the_earlier_does_not_pass_it() -> None:
    order = rejected(A, B)
    assert not order.must_wait("bob", A)
    order.rejected(order.number(), "bob", A)
    assert order.must_wait("bob", B)


def test_a_later_send_rejected_before_the_earlier_one_does_not_pass_it() -> None:
    """Its rejection does not show whether the sender knows of the earlier one."""
    order = SendOrder("ann")
    order.rejected(2, "bob", B)
    order.rejected(1, "bob", A)
    assert order.must_wait("bob", B)
    order.rejected(3, "bob", B)
    assert not order.must_wait("bob", B)


def blocked(connection: Connection) -> bool:
    return connection.order.must_wait("bob", uuid7().int)


@pytest.mark.parametrize(
    "content",
    [{"type": "message", "text": "x" * 200}, {"type": "event", "kind": "delete", "body": {"target": 1}}],
)
async def test_an_own_event_that_is_delivered_or_replayed_lifts_the_block_and_a_peers_does_not(
    content: dict[str, Any],
) -> None:
    for sender, is_lifted in (("ann", True), ("bob", False)):
        connection, _ = opened(NodeInMemory())
        connection.reject(1, text(A), "bob", Unavailable())
        event = {
            "thread": "bob",
            "seq": 1,
            "sender": sender,
            "client_id": text(A),
            **content,
        }
        connection.deliver(7, 1, text_frame(codec.encode(event)))
        assert blocked(connection) is not is_lifted


async def test_a_final_rejection_blocks_nothing() -> None:
    connection, _ = opened(NodeInMemory())
    connection.reject(1, "no id at all", "bob", Invalid([]))
    assert not blocked(connection)


async def test_who_is_refused_for_good_the_second_time_need_not_come_again() -> None:
    connection, _ = opened(NodeInMemory())
    for number, id in enumerate((A, B)):
        connection.reject(number, text(id), "bob", Unavailable())
    connection.reject(2, text(A), "bob", Invalid([]))
    assert not connection.order.must_wait("bob", B)
    connection.reject(3, text(B), "bob", Invalid([]))
    assert not blocked(connection)


async def test_who_never_repeats_what_was_rejected_is_sent_away() -> None:
    connection, transport = opened(NodeInMemory())
    for number in range(MAX_REJECTED + 1):
        connection.reject(number, str(uuid7()), "bob", Unavailable())
    assert transport.close_codes() == [1013]
