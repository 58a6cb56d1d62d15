"""A Valkey Cluster of six: directory, streams and counters as on one server, while slots move and primaries go."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from redis.crc import key_slot
from redis.exceptions import RedisError

from services.auth.throttle import Throttle
from services.relay.delivery.consumer import Consumer
from shared.plumbing.redis.client import Redis, redis
from shared.plumbing.redis.connection import RedisConnection
from shared.plumbing.redis.directory import Directory, Life, Membership, stream_of
from shared.plumbing.redis.proof import RedisProof
from shared.plumbing.redis.streams import Told, publish
from shared.plumbing.tasks import running
from shared.testing.valkey_cluster import ValkeyCluster, valkey_cluster
from shared.wire.log import Delivery, Notice, StreamEntry
from shared.wire.problems import RateLimited

_USERS = list(range(1, 41))


@pytest.fixture(scope="module")
def cluster(server_directory: Path) -> Iterator[ValkeyCluster]:
    with valkey_cluster(server_directory / "cluster") as started:
        yield started


@pytest.fixture
async def opened(cluster: ValkeyCluster) -> AsyncIterator[Redis]:
    async with redis(cluster.url) as commands:
        for number in cluster.primaries():
            assert cluster.servers[number].ask("FLUSHALL").startswith("+OK")
        yield commands


async def until(condition: Any) -> None:
    async with asyncio.timeout(30):
        while not await condition():
            await asyncio.sleep(0.02)


def owner_of(cluster: ValkeyCluster, key: str) -> int:
    """The primary that serves a key."""
    return next(
        n for n in cluster.primaries() if not cluster.servers[n].ask(f"EXISTS {key}").startswith("-MOVED")
    )


async def test_commands_find_their_servers_and_answers_keep_their_order(
    cluster: ValkeyCluster, opened: Redis
) -> None:
    keys = [f"duet:user:{user}" for user in _USERS]
    assert await opened.hot.clustered()
    assert await opened.hot.ask(*(("SET", key, key) for key in keys)) == [b"OK"] * len(keys)
    assert await opened.hot.ask(*(("GET", key) for key in keys)) == [key.encode() for key in keys]
    used = {owner_of(cluster, key) for key in keys}
    assert used == set(cluster.primaries())


async def test_a_slot_that_moves_is_followed_while_it_does_and_afterwards(
    cluster: ValkeyCluster, opened: Redis
) -> None:
    key = "duet:user:7"
    slot = key_slot(key.encode())
    here = owner_of(cluster, key)
    there = next(number for number in cluster.primaries() if number != here)
    ask = {number: cluster.servers[number].ask for number in cluster.primaries()}
    await opened.hot.ask(("SET", "duet:user:8", "x"))  # it knows the slots as they were
    assert ask[there](f"CLUSTER SETSLOT {slot} IMPORTING {cluster.id_of(here)}").startswith("+OK")
    assert ask[here](f"CLUSTER SETSLOT {slot} MIGRATING {cluster.id_of(there)}").startswith("+OK")
    assert await opened.hot.ask(("HSET", key, "a", "1"), ("HGETALL", key)) == [1, [b"a", b"1"]]  # by ASK
    for number in (there, here):
        assert ask[number](f"CLUSTER SETSLOT {slot} NODE {cluster.id_of(there)}").startswith("+OK")
    assert await opened.hot.ask(("HGETALL", key)) == [[b"a", b"1"]]  # by MOVED
    assert owner_of(cluster, key) == there


async def test_the_directory_says_where_users_are_until_a_lease_ends(opened: Redis) -> None:
    one, two, directory = Membership(opened, "one"), Membership(opened, "two"), Directory(opened)
    assert not await one.renew()
    assert await one.renew()
    await two.renew()
    assert await one.join(*_USERS) == set()
    assert await two.join(1, 2) == {1, 2}
    assert set((await directory.nodes_of([1]))[1]) == {"one", "two"}
    assert await directory.nodes_of([3, 99]) == {3: ["one"]}
    lives = await directory.lives()
    assert lives is not None
    assert {life.node: hold.held for life, hold in lives.items()} == {"one": True, "two": True}
    assert await one.leave(2, 3) == {2}
    assert await directory.online([2, 3]) == {2}
    await one.resign()
    assert await directory.nodes_of(_USERS) == {1: ["two"], 2: ["two"]}
    await one.renew()
    held = await asyncio.gather(one.leave(1), two.leave(1))
    assert sorted(map(bool, held)) == [False, True]  # the last one knows it
    await one.join(1)
    await two.join(1)
    await one.resign()
    assert await directory.held_by(Life("one", one._epoch), [1, 3, 4]) == {1: True, 4: False}


async def test_a_hint_goes_to_each_node_that_holds_a_member_and_not_to_the_one_that_asked(
    opened: Redis,
) -> None:
    nodes = [Membership(opened, name) for name in ("one", "two", "three")]
    for node, users in zip(nodes, ((1,), (1, 2), (5,)), strict=True):
        await node.renew()
        await node.join(*users)
    delivery = Delivery(1, 1, 1, 2, msgspec.Raw(b"{}"), msgspec.Raw(b"{}"))
    notices = [Notice(5, msgspec.Raw(b'{"n":%d}' % number)) for number in range(600)]
    assert await publish(opened, [Told("one", [delivery]), Told("", notices=notices)]) == 0
    found: dict[str, list[StreamEntry]] = {}
    for name in ("one", "two", "three"):
        [entries] = await opened.hot.ask(("XRANGE", stream_of(name), "-", "+"))
        found[name] = [msgspec.json.decode(fields[1], type=StreamEntry) for _, fields in entries]
    assert found["one"] == []
    assert [len(entry.deliveries) for entry in found["two"]] == [1]
    assert sum(len(entry.notices) for entry in found["three"]) == 600


async def test_a_node_that_began_anew_is_hinted_although_its_last_lease_is_remembered(opened: Redis) -> None:
    async def hinted() -> bool:
        await publish(opened, [Told("", notices=[Notice(1, msgspec.Raw(b"{}"))])])
        [length] = await opened.hot.ask(("XLEN", stream_of("one")))
        return bool(length)

    before = Membership(opened, "one")
    await before.renew()
    await before.join(1)
    assert await hinted()
    again = Membership(opened, "one")
    await again.renew()
    await again.join(1)
    await opened.hot.ask(("DEL", stream_of("one")))
    await until(hinted)


async def test_a_relay_hears_of_hints_and_log_ins_are_counted(cluster: ValkeyCluster, opened: Redis) -> None:
    consumer = Consumer(cluster.url, "one", lambda _: None)
    await consumer.prepare()
    async with running(consumer.run):
        proof = RedisProof(opened, lambda: consumer.prove(opened))

        async def proven() -> bool:
            return await proof.check() == "ok"

        await until(proven)
    await consumer.close()
    throttle = Throttle(opened, enabled=True)
    for _ in range(10):
        await throttle.log_in("ann", "192.0.2.1", None)
    with pytest.raises(RateLimited) as refused:
        await throttle.log_in("ann", "192.0.2.2", None)
    assert 50 < int(refused.value.headers["Retry-After"]) <= 61
    assert opened.wrong == ""


async def test_when_a_primary_dies_the_others_go_on_and_its_replica_takes_its_place(
    cluster: ValkeyCluster, opened: Redis
) -> None:
    """The replica is told to: how long the others would wait is a matter of the cluster's settings."""
    node, directory = Membership(opened, "one"), Directory(opened)
    await node.renew()
    await node.join(*_USERS)
    dying = owner_of(cluster, "duet:user:1")
    with_it = {user for user in _USERS if owner_of(cluster, f"duet:user:{user}") == dying}
    replica = next(
        number
        for number, server in enumerate(cluster.servers)
        if f":{cluster.ports[dying]}\r" in server.ask("INFO replication").replace("master_port:", ":")
    )
    cluster.kill(dying)
    answers = await opened.hot.ask_each(*(("EXISTS", f"duet:user:{user}") for user in _USERS))
    failed = {user for user, answer in zip(_USERS, answers, strict=True) if isinstance(answer, RedisError)}
    assert failed == with_it
    assert cluster.servers[replica].ask("CLUSTER FAILOVER TAKEOVER").startswith("+OK")

    async def whole() -> bool:
        await node.renew()
        await node.join(*_USERS)
        return set(await directory.online(_USERS)) == set(_USERS)

    await until(whole)
    cluster.start(dying)
    await asyncio.to_thread(cluster.wait, cluster.whole)


async def test_a_cluster_is_one_although_the_server_of_the_url_is_gone(cluster: ValkeyCluster) -> None:
    """Whoever has known the others needs it no longer."""
    connection = RedisConnection(cluster.url, 2.0)
    with contextlib.closing(connection):
        await connection.ask(("SET", "duet:a", "x"))
        connection._first.close()
        connection._first.where = {"host": "127.0.0.1", "port": 1}
        assert connection._cluster is not None
        connection._cluster._doubted = True
        assert await connection.ask(("SET", "duet:a", "x")) == [b"OK"]
