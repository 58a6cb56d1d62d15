"""Two notify processes beside each other: one works, and the other takes over."""

import asyncpg

from services.notify.tests.town import Town
from shared.testing.push_service import PushService

_LOCK = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = hashtext('duet.notify.works')::oid"


async def test_of_two_one_tells_and_when_it_loses_its_lock_the_other_goes_on(
    town: Town, service: PushService
) -> None:
    await town.start("another-notify")
    await town.subscribe("bob")
    await town.subscribe("eve")
    service.held.add("bob")  # its push is under way while there are others for the same service
    await town.say("ann", "bob", "slow")
    await service.until(lambda: service.asked["bob"] == 1)
    for number in range(3):
        await town.say("ann", "eve", f"{number}")
        await service.take("eve", number + 1)
    await service.release("bob")
    await town.settled()
    assert (service.asked["bob"], service.asked["eve"]) == (1, 3)

    await _end_the_one_that_works(town.sql)
    await town.say("ann", "bob", "after")
    await service.take("bob", 2)
    await town.stop("notify")
    [seq] = await town.say("ann", "bob", "from the other")
    await service.until(lambda: service.of("bob")[-1].push.seq == seq)
    await town.settled()
    assert service.asked["bob"] == 3
    await town.start("notify")


async def _end_the_one_that_works(sql: asyncpg.Connection) -> None:
    """Its connection, and so its lock, is gone; whoever is first has it then."""
    [pid] = [row["pid"] for row in await sql.fetch(_LOCK)]
    await sql.execute("SELECT pg_terminate_backend($1)", pid)
