"""Messages between two people on whatever nodes, through real auth, threads and Valkey."""

from services.relay.tests.cluster import Cluster
from shared.wire.frames import Welcome
from shared.wire.messages import MessageFrame


async def test_a_message_reaches_both_people_on_different_nodes(cluster: Cluster) -> None:
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    await ann.send("bob", "one", "two")
    assert [frame.text for frame in await ann.receive(MessageFrame, 2)] == ["one", "two"]
    got = await bob.receive(MessageFrame, 2)
    assert [(frame.thread, frame.seq, frame.text) for frame in got] == [("ann", 1, "one"), ("ann", 2, "two")]
    assert not ann.unsent


async def test_the_welcome_names_each_thread_with_its_head(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    await ann.send("bob", "one", "two", "three")
    await ann.acknowledged()
    bob = cluster.socket("bob", "relay-2")
    welcome: Welcome = await bob.connect()
    assert welcome.username == "bob"
    assert welcome.threads["ann"].head == 3
    assert welcome.threads["ann"].display_name == "Ann"
    assert welcome.threads["ann"].online
