"""A dead peer is noticed."""

from services.relay.tests.cluster import Cluster
from shared.wire.frames import Pong


async def test_a_peer_that_answers_no_ping_is_closed_with_4001_and_one_that_does_is_not(
    cluster: Cluster,
) -> None:
    await cluster.stop("relay-1")
    await cluster.start("relay-1", ping_after_s=1.0, silent_after_s=2.0)
    alive = await cluster.connect("bob", "relay-1")
    dead = cluster.socket("ann", "relay-1")
    await dead.open(autoping=False)
    await dead.hello()
    assert await dead.closed() == 4001
    await alive.say({"type": "ping"})
    await alive.receive(Pong)
