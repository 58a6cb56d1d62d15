"""Several nodes: people apart, people who move, nodes that leave and come back."""

import random

from tests.chaos.run import Run
from tests.chaos.scenario import scenario


@scenario("nodes-move", relays="3")
async def nodes_move(run: Run) -> None:
    """Three nodes die in turn, so people move between nodes and back: each message once, in order."""
    for number in range(run.faults_wanted):
        name = f"relay-{number % 3 + 1}"
        await run.inject("kill", name, lambda name=name: run.instance.signal(name))  # type: ignore[misc]
        for device in random.sample(run.crowd.devices, len(run.crowd.devices) // 4):
            device.cut()
        await run.pause()


@scenario("people-come-and-go", relays="3")
async def people_come_and_go(run: Run) -> None:
    """People close their tab, miss messages and come back, all the time: each message once, in order."""

    async def come_and_go() -> None:
        gone = random.sample(run.crowd.devices, len(run.crowd.devices) // 2)
        for device in gone:
            await device.stop()
        await run.pause(0.5)
        for device in gone:
            device.start()

    await run.repeat("leave", "people", come_and_go)
