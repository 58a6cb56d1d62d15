"""A short selection of `make chaos SCENARIO=bystander-…`: every attack for a moment, with limits on."""

import pytest

from tests.chaos.crowd import crowd
from tests.chaos.scenario import standing, temporary_directory
from tests.chaos.scenarios.bystander import ATTACKS, WITHIN_S, attacker, longest_wait

_FOR_S = 0.6


async def test_a_bystanders_message_never_waits_a_second(subtests: pytest.Subtests) -> None:
    with temporary_directory() as directory:
        async with (
            standing(directory, {"DUET_RELAYS": "1", "DUET_RATE_LIMITS": "on"}) as running,
            crowd(running.public_url, pairs=1, rate=20.0) as people,
            attacker(running.public_url) as who,
        ):
            people.start_writing()
            for name, attack in ATTACKS.items():
                with subtests.test(name):
                    assert await longest_wait(people, attack(who), _FOR_S) < WITHIN_S
            await people.stop_writing()
            assert not any(device.closes for device in people.devices)
