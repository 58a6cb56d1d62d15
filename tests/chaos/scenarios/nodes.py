"""Several nodes: people on different nodes, people who move, nodes that leave and come back."""

import random

from gateway.nodes import Nodes
from shared.plumbing.transport.address import Address
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


@scenario("node-returns", relays="2")
async def node_returns(run: Run) -> None:
    """A node is away for good, then comes back: its people move to the other and home again, nothing is missed."""
    apart = sum(len({_home(name, 2) for name in pair.names}) == 2 for pair in run.crowd.pairs)
    run.measure("no two people on different nodes", float(not apart), 0, f"({apart} pairs)")
    away = {"relay-2": {"DUET_THREADS_URL": f"unix:{run.instance.product.data_dir}/nobody.sock"}}

    async def leave() -> None:
        run.instance.tell(away)
        await run.instance.signal("relay-2")

    async def come_back() -> None:
        run.instance.tell({})
        await run.instance.signal("relay-2")
        assert await run.instance.ready("relay-2")
        for device in run.crowd.devices:
            device.cut()

    for _ in range(run.faults_wanted):
        await run.inject("away", "relay-2", leave)
        await run.pause(3.0)
        await run.inject("back", "relay-2", come_back)
        await run.pause(3.0)


def _home(username: str, relays: int) -> str:
    """The node that the gateway sends somebody to while all are up."""
    names = [f"relay-{number + 1}" for number in range(relays)]
    return Nodes({name: Address.parse(f"unix:/{name}") for name in names}).order_for(username)[0]
