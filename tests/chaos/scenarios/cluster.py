"""Redis is a Valkey Cluster of six processes: slots move, and primaries die."""

import asyncio
import contextlib
import random
import time
from collections.abc import Iterator
from pathlib import Path

from shared.testing.valkey_cluster import ValkeyCluster, valkey_cluster
from tests.chaos.instance import Overrides
from tests.chaos.run import Run
from tests.chaos.scenario import scenario, temporary_directory

REPAIRED_WITHIN_S = 2.0
_NODE_TIMEOUT_MS = 1000
_MOST_SLOTS = 1000
_standing: dict[Path, ValkeyCluster] = {}


@contextlib.contextmanager
def beside_a_cluster() -> Iterator[Path]:
    """A data directory, and a cluster that its programs may be told of."""
    with temporary_directory() as directory, valkey_cluster(directory / "six", _NODE_TIMEOUT_MS) as cluster:
        _standing[directory] = cluster
        yield directory
        del _standing[directory]


def _in_use(cluster: ValkeyCluster) -> bool:
    return any(cluster.servers[number].ask("DBSIZE") != ":0\r\n" for number in cluster.primaries())


def told_of_it(directory: Path) -> Overrides:
    return {"*": {"DUET_REDIS_URL": _standing[directory].url}}


@scenario(
    "cluster-slots", recovery_limit_s=REPAIRED_WITHIN_S, place=beside_a_cluster, overrides=told_of_it
)  # fmt: skip
async def cluster_slots(run: Run) -> None:
    """Up to a thousand slots of a Valkey Cluster move to another primary: nothing is lost, delivery stays fast."""
    cluster = _standing[run.instance.product.data_dir]
    began = time.monotonic()

    async def move() -> None:
        source, target = random.sample(cluster.primaries(), 2)
        first, last = random.choice(cluster.slots(source))
        first = random.randint(max(first, last - _MOST_SLOTS), last)
        await asyncio.to_thread(cluster.move, source, target, first, last)

    await run.repeat("move", "redis", move)
    assert _in_use(cluster)
    run.measure("slowest delivery", run.lags(began).longest, REPAIRED_WITHIN_S)
    run.measure("median delivery", run.lags(began).median, 0.1)


@scenario(
    "cluster-primary", recovery_limit_s=REPAIRED_WITHIN_S, place=beside_a_cluster, overrides=told_of_it
)  # fmt: skip
async def cluster_primary(run: Run) -> None:
    """kill -9 of a primary of a Valkey Cluster: its replica takes over, nothing is lost, delivery is back in 2 s."""
    cluster = _standing[run.instance.product.data_dir]
    began = time.monotonic()
    for _ in range(run.faults_wanted):
        dying = random.choice(cluster.primaries())

        async def kill(dying: int = dying) -> None:
            cluster.kill(dying)

        await run.inject("kill", "a primary", kill)
        await asyncio.to_thread(cluster.wait, lambda: len(cluster.primaries()) == 3)
        await run.pause(1.0)
        await asyncio.to_thread(cluster.start, dying)
        await asyncio.to_thread(cluster.wait, cluster.whole)
    assert _in_use(cluster)
    run.measure("slowest delivery", run.lags(began).longest, REPAIRED_WITHIN_S)
