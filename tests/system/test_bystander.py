"""A short form of `make chaos SCENARIO=bystander-…`: every attack for a moment, with limits on."""

import pytest

from tests.chaos.crowd import crowd
from tests.chaos.scenario import standing, temporary_directory
from tests.chaos.scenarios.bystander import ATTACKS, WITHIN_S, attackers, longest_wait

_FOR_S = 0.4
_ATTACKERS = 8
"""Each comes twice, so that the first attack has not used up what the second may do."""

_TRIES = 3
"""What a busy machine delays by chance is not delayed every time."""


async def test_a_bystanders_message_never_waits_a_second(subtests: pytest.Subtests) -> None:
    with temporary_directory() as directory:
        async with (
            standing(directory, {"DUET_RELAYS": "1", "DUET_RATE_LIMITS": "on"}) as running,
            crowd(running.public_url, pairs=1, rate=1.0) as people,
            attackers(running.public_url, _ATTACKERS) as them,
        ):
            for number, (name, attack) in enumerate(ATTACKS.items()):
                with subtests.test(name):
                    waits: list[float] = []
                    while not waits or (waits[-1] >= WITHIN_S and len(waits) < _TRIES):
                        waits.append(await longest_wait(people, attack(them[number % _ATTACKERS]), _FOR_S))
                    assert min(waits) < WITHIN_S, waits
            assert not any(device.closes for device in people.devices)
