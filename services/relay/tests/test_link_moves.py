"""A threads process that is about to end: its relays go on with another one, and no send waits for that."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from services.relay.log.linked import Linked
from services.relay.tests.cluster import Cluster
from services.relay.tests.test_here import beats
from shared.plumbing import failpoints
from shared.plumbing.app import STATE

WAITS = ("duet_relay_link_breaks_total", "duet_relay_repeated_batches_total")


def waits() -> list[float | None]:
    """How often a link broke, and a batch was repeated."""
    found = [REGISTRY.get_sample_value(name) for name in WAITS]
    assert None not in found
    return found


def link_of(cluster: Cluster, node: str) -> Linked:
    connection = cluster.node(node).link._connection
    assert connection is not None
    return connection


async def test_a_node_goes_on_with_another_process_before_the_one_it_had_ends(cluster: Cluster) -> None:
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    waited = waits()
    before = await cluster.start_another("threads")
    assert (len(cluster.links(before)), len(cluster.links())) == (2, 0)
    failpoints.arm("threads.before_commit=sleep:1.5@1")  # longer than it takes to move
    try:
        texts = ["under way"]
        await ann.send("bob", *texts)
        cluster.apps[before][STATE]["draining"] = True
        async with asyncio.timeout(10):
            while cluster.links(before):
                texts.append(f"meanwhile {len(texts)}")
                await ann.send("bob", texts[-1])
                await asyncio.sleep(0.05)
    finally:
        failpoints.arm("")
    assert len(cluster.links()) == 2
    await cluster.stop(before, drain=True)
    await ann.send("bob", "after")
    await ann.acknowledged()
    assert await bob.caught_up("ann", len(texts) + 1) == [*texts, "after"]
    assert waits() == waited


async def test_a_node_that_finds_nobody_else_keeps_its_link_and_one_that_comes_gets_one(
    cluster: Cluster,
) -> None:
    """As on one host, or until a balancer has noticed."""
    ann = await cluster.connect("ann", "relay-1")
    link = link_of(cluster, "relay-1")
    cluster.apps["threads"][STATE]["draining"] = True
    await beats(cluster.node("relay-1"), 3)
    assert link.leaving.is_set()
    assert link_of(cluster, "relay-1") is link
    await cluster.stop("relay-2")
    await cluster.start("relay-2")
    bob = await cluster.connect("bob", "relay-2")
    await ann.send("bob", "one")
    await ann.acknowledged()
    assert await bob.caught_up("ann", 1) == ["one"]
    assert link_of(cluster, "relay-1") is link


async def test_links_spread_to_a_process_that_is_added_and_then_stay(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.relay.log.link._LOOK_AFTER_S", (0.05, 0.15))
    for node in ("relay-1", "relay-2"):  # they would look after a minute
        await cluster.stop(node)
        await cluster.start(node)
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    await beats(cluster.node("relay-1"), 2)
    waited, alone = waits(), link_of(cluster, "relay-1")
    assert len(cluster.links()) == 2, "there is no other to go to"
    before = await cluster.start_another("threads")
    texts: list[str] = []
    async with asyncio.timeout(10):
        while len(cluster.links(before)) > 1 or len(cluster.links()) != 1:
            texts.append(f"message {len(texts)}")
            await ann.send("bob", texts[-1])
            await asyncio.sleep(0.02)
    spread = [link_of(cluster, node) for node in ("relay-1", "relay-2")]
    await beats(cluster.node("relay-1"), 2)
    assert [link_of(cluster, node) for node in ("relay-1", "relay-2")] == spread
    assert alone in spread or len({*spread}) == 2
    await ann.acknowledged()
    assert await bob.caught_up("ann", len(texts)) == texts
    assert waits() == waited
    await cluster.stop(before, drain=True)
