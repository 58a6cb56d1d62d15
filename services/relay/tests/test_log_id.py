"""A restored backup is another log."""

import asyncpg

from services.relay.tests.cluster import Cluster


async def test_when_the_log_is_another_one_everybody_says_hello_again(cluster: Cluster) -> None:
    ann = cluster.socket("ann", "relay-1")
    before = await ann.connect()
    await ann.send("bob", "one", "two")
    await ann.acknowledged()
    await cluster.stop("threads")
    connection = await asyncpg.connect(cluster.database_url)
    await connection.execute("UPDATE threads.settings SET log = gen_random_uuid()")
    await connection.close()
    await cluster.start("threads")
    assert await ann.closed() == 1012
    welcome = await ann.connect(cursors={"bob": 0})
    assert welcome.log != before.log
    assert (await ann.caught_up("bob", 2))[-2:] == ["one", "two"]
