"""Each relay hears of its own people's threads, and of nobody else's."""

from typing import Any

import msgspec
import pytest

from services.threads.audience import Audience
from services.threads.link import Link
from shared.wire import codec
from shared.wire.link import Beat, Here
from shared.wire.log import Head

ANN, BOB, EVE, ZOE = 1, 2, 3, 4
HEADS = [Head(12, ANN, BOB, 5), Head(13, ANN, EVE, 6), Head(34, EVE, ZOE, 7)]


class Ear:
    """A link, as far as it is looked at."""


@pytest.fixture
def audience() -> Audience:
    return Audience()


def join(audience: Audience, *users: int) -> Ear:
    ear = Ear()
    audience.join(ear)  # type: ignore[arg-type]
    if users:
        here(audience, ear, came=users)
    return ear


def here(audience: Audience, ear: Ear, came: tuple[int, ...] = (), gone: tuple[int, ...] = ()) -> None:
    audience.here(ear, came, gone)  # type: ignore[arg-type]


def told(audience: Audience, ear: Ear) -> list[int]:
    """The threads that it hears of."""
    return [head.thread for head in audience.shares(HEADS)[ear]]  # type: ignore[index]


def test_a_relay_hears_of_the_threads_of_those_who_are_there_each_once(audience: Audience) -> None:
    of_two, of_bob, of_nobody = join(audience, ANN, BOB), join(audience, BOB), join(audience, 99)
    assert [told(audience, ear) for ear in (of_two, of_bob, of_nobody)] == [[12, 13], [12], []]


def test_a_relay_that_says_nothing_hears_of_everybody(audience: Audience) -> None:
    """It is older, or has only just begun."""
    silent, other = join(audience), join(audience, ZOE)
    assert [told(audience, ear) for ear in (silent, other)] == [[12, 13, 34], [34]]


def test_who_comes_and_goes_is_followed_whatever_is_said_twice(audience: Audience) -> None:
    ear = join(audience, ANN)
    here(audience, ear, came=(ANN, ZOE), gone=(EVE,))
    assert told(audience, ear) == [12, 13, 34]
    here(audience, ear, gone=(ANN, ANN))
    assert told(audience, ear) == [34]
    here(audience, ear, came=(ANN,))
    assert told(audience, ear) == [12, 13, 34]


def test_of_a_relay_that_is_gone_nothing_is_left(audience: Audience) -> None:
    gone, stays = join(audience, ANN, BOB), join(audience, ANN)
    audience.leave(gone)  # type: ignore[arg-type]
    audience.leave(gone)  # type: ignore[arg-type]
    assert told(audience, stays) == [12, 13]
    audience.leave(stays)  # type: ignore[arg-type]
    assert not audience.links
    assert not audience._links


def test_beats_that_wait_for_a_slow_relay_say_what_the_first_of_them_knew(audience: Audience) -> None:
    """It may lack heads of who came later, whom the relay then compares."""
    nothing: Any = None
    link, sent = Link(nothing, nothing, audience), list[bytes]()
    audience.join(link)
    link.send = sent.append  # type: ignore[method-assign,assignment]
    for number, user in ((1, ANN), (2, ZOE)):
        link.received(codec.encode(Here(number, [user])))
        link.slow = True
        link.beat(audience.shares(HEADS)[link])
    link.drained()
    link.slow = False
    link.beat([])
    beats = [msgspec.json.decode(packet, type=Beat) for packet in sent]
    assert [(beat.here, len(beat.heads)) for beat in beats] == [(1, 3), (2, 0)]
