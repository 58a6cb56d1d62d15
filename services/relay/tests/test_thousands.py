"""Somebody with 5,000 threads: whatever came meanwhile is given, also where the welcome does not name the thread."""

from services.relay.tests.cluster import Cluster
from services.threads.queries import appends
from services.threads.queries.appends import Row
from shared.plumbing.postgres.database import database
from shared.wire.frames import MAX_WELCOME_THREADS
from shared.wire.ids import uuid7

COUNT = 5000
_PEOPLE = """
INSERT INTO auth.users (username, display_name, name_folded, password)
SELECT 'peer' || n, 'Peer', 'peer', '' FROM generate_series(0, $1 - 1) AS n RETURNING id
"""


async def test_of_5000_threads_each_goes_on_where_it_was_left(cluster: Cluster) -> None:
    ann = cluster.people["ann"].user
    async with database(cluster.database_url, "threads", None) as db, db.connection() as conn:

        async def write(peers: list[int]) -> None:
            for start in range(0, len(peers), 250):
                part = peers[start : start + 250]
                await appends.append(
                    conn, [Row((ann, peer), peer, "message", uuid7(), "hi") for peer in part]
                )

        await conn.execute("ALTER TABLE auth.users DISABLE TRIGGER USER")
        peers = [row["id"] for row in await conn.fetch(_PEOPLE, COUNT)]
        await conn.execute("ALTER TABLE auth.users ENABLE TRIGGER USER")
        await appends.make_threads(conn, [(ann, peer) for peer in peers])
        await write(peers[::-1])  # the first are the latest
        await write([peers[10], peers[4000]])
        await write(peers[3000:3250])

        socket = cluster.socket("ann")
        held = {"peer10": 1, "peer4000": 1, "peer3249": 1, "peer4999": 1, "peer1500": 1}
        welcome = await socket.connect(cursors=held)
        assert len(welcome.threads) == MAX_WELCOME_THREADS
        assert not {"peer10", "peer4000", "peer4999"} & welcome.threads.keys()
        for name in ("peer10", "peer4000", "peer3249"):
            assert await socket.caught_up(name, 2) == ["hi"], name
        await socket.say({"type": "sync", "thread": "peer3000", "after": 0})
        assert await socket.caught_up("peer3000", 2) == ["hi", "hi"]
        await write([peers[4999], peers[1500]])  # without a hint: by the heads feed
        assert await socket.caught_up("peer4999", 2) == ["hi"]
        assert await socket.caught_up("peer1500", 2) == ["hi"]
