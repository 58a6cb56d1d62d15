"""A short form of `make chaos SCENARIO=bystander-…`: every attack for a moment, with limits on."""

from collections import deque

import pytest

from tests.chaos.crowd import crowd
from tests.chaos.scenario import standing, temporary_directory
from tests.chaos.scenarios.bystander import ATTACKS, WITHIN_S, attackers, longest_wait

_FOR_S = 0.4
_ATTACKERS = 8
"""They take turns, also when an attack is tried again: otherwise it would have used up what it may do."""

_TRIES = 3
"""What a busy machine delays by chance is not delayed every time; what an attack delays is."""


async def test_a_bystanders_message_never_waits_a_second(subtests: pytest.Subtests) -> None:
    with temporary_directory() as directory:
        async with (
            standing(directory, {"DUET_RELAYS": "1", "DUET_RATE_LIMITS": "on"}) as running,
            crowd(running.public_url, pairs=1, rate=1.0) as people,
            attackers(running.public_url, _ATTACKERS) as them,
        ):
            rested = deque(them)
            for name, attack in ATTACKS.items():
                with subtests.test(name):
                    waits: list[float] = []
                    while not waits or (waits[-1] >= WITHIN_S and len(waits) < _TRIES):
                        rested.rotate(-1)
                        waits.append(await longest_wait(people, attack(rested[-1]), _FOR_S))
                    assert min(waits) < WITHIN_S, waits
            assert not any(device.closes for device in people.devices)
