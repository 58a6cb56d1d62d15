"""A short form of `make chaos SCENARIO=bystander-…`: every attack for a moment, with limits on."""

import os
from collections import deque

import pytest

from tests.chaos.beside import looking
from tests.chaos.crowd import crowd
from tests.chaos.scenario import standing, temporary_directory
from tests.chaos.scenarios.bystander import ATTACKS, WITHIN_S, attackers, waits

_FOR_S = 0.4
_ATTACKERS = 8
"""They take turns, also when an attack is tried again: otherwise it would have used up what it may do."""

_TRIES = 3
"""What a busy machine delays by chance is not delayed every time; what an attack delays is."""


async def test_a_bystanders_message_never_waits_a_second(subtests: pytest.Subtests) -> None:
    """What others than Duet, and than those who attack it, do with this machine is no part of the wait."""
    with temporary_directory() as directory:
        async with (
            standing(directory, {"DUET_RELAYS": "1", "DUET_RATE_LIMITS": "on"}) as running,
            crowd(running.public_url, pairs=1, rate=1.0) as people,
            attackers(running.public_url, _ATTACKERS) as them,
            looking(
                [os.getpid(), *map(running.product.pid, ("relay-1", "threads"))], running.product.process.pid
            ) as beside,
        ):
            rested = deque(them)
            for name, attack in ATTACKS.items():
                with subtests.test(name):
                    longest: list[float] = []
                    while not longest or (longest[-1] >= WITHIN_S and len(longest) < _TRIES):
                        rested.rotate(-1)
                        waited = await waits(people, attack(rested[-1]), _FOR_S)
                        longest.append(max(end - begin - beside.taken(begin, end) for begin, end in waited))
                    assert min(longest) < WITHIN_S, longest
            assert not any(device.closes for device in people.devices)
