"""What Prometheus is told of a message's way, and what it is never told."""

import asyncio
import re

import aiohttp
from prometheus_client import REGISTRY

from services.relay.tests.cluster import Cluster
from shared.plumbing.app import listen, listeners
from shared.plumbing.settings.config import BaseConfig
from shared.plumbing.telemetry.lag import Lag
from shared.plumbing.telemetry.status import Status
from shared.testing.lags import catch_up
from shared.testing.product import free_port
from shared.wire import codec
from shared.wire.messages import MessageFrame

_COUNTED = (
    "duet_threads_commit_seconds_count",
    'duet_relay_delivery_seconds_count{way="here"}',
    'duet_relay_delivery_seconds_count{way="hint"}',
)


def count(name: str) -> float:
    bare, _, way = name.partition("{")
    labels = {"way": way.split('"')[1]} if way else {}
    return REGISTRY.get_sample_value(bare, labels) or 0


async def test_a_message_is_timed_to_its_commit_to_the_sockets_here_and_to_those_of_another_node(
    cluster: Cluster,
) -> None:
    before = {name: count(name) for name in _COUNTED}
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    await ann.send("bob", "one")
    await bob.receive(MessageFrame)
    async with asyncio.timeout(10):  # the entry is counted after its events are given out
        while any(count(name) != before[name] + 1 for name in _COUNTED):
            await asyncio.sleep(0.01)


async def test_whatever_is_up_to_date_says_so_and_grows_old_when_it_hangs(cluster: Cluster) -> None:
    await catch_up(
        "duet_threads_feed_lag_seconds", "duet_threads_index_lag_seconds", "duet_relay_feed_lag_seconds"
    )
    await cluster.stop("threads")
    [heard] = [lag for lag in Lag.known if lag.name == "duet_relay_feed_lag_seconds"]
    async with asyncio.timeout(20):
        while heard.seconds() < 1.5:  # a beat comes each second
            await asyncio.sleep(0.05)
    await cluster.start("threads")
    async with asyncio.timeout(20):
        while heard.seconds() > 1.5:
            await asyncio.sleep(0.05)


async def test_the_scrape_port_names_nobody_and_nothing_that_was_said(cluster: Cluster) -> None:
    """One process holds all programs here, so this is what each of them says."""
    ann = await cluster.connect("ann", "relay-1")
    await ann.send("bob", "quite-secret")
    await ann.acknowledged()
    port = free_port()
    config = BaseConfig(listen="unix:/unused", metrics_listen=str(port))
    _, runner = listeners(cluster.apps["threads"], config)
    await runner.setup()
    await listen(runner, config.metrics_addresses[0])
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
            async with http.get("/metrics") as answer:
                text = await answer.text()
            async with http.get("/status") as answer:
                status = codec.decode(await answer.read(), Status)
            async with http.post("/internal/heads", json={"users": [1]}) as answer:
                assert answer.status == 404
    finally:
        await runner.cleanup()
    assert "duet_relay_delivery_seconds_bucket" in text
    assert status.parts == {"postgres": "ok", "redis": "ok", "auth": "ok"}
    assert status.numbers["duet_relay_connections"] == 1
    values = " ".join(re.findall(r'="([^"]*)"', text))
    people = cluster.people.values()
    assert not re.search(r"\b(ann|bob)\b|secret", values)
    assert not any(str(info.session) in text for info in people)
    assert not re.search(r"\b(ann|bob)\b|secret|/duet", str(status))
