"""Slots go to no server whose standbys lack what came with them: one that is promoted would have lost it."""

import os
import signal
from pathlib import Path

import asyncpg
import pytest

from services.threads.app import MIGRATIONS
from services.threads.queries import placing
from services.threads.queries.placing import SLOTS
from services.threads.shard_server import MovingError
from services.threads.tests.two_shards import Two, said
from shared.embedded.postgres import PostgresServer
from shared.embedded.running import started
from shared.plumbing.postgres.migrations import migrate
from shared.testing.clusters import put_cluster
from shared.testing.standbys import REPLICATING, following, has_everything


async def test_a_standby_that_is_behind_is_waited_for_before_the_source_lets_go(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.threads.moving._PATIENCE_S", 0.2)
    target = PostgresServer(tmp_path / "t", tmp_path / "ts", durable=False, settings=REPLICATING)
    put_cluster(target.data_dir)
    with started(target):
        target.ensure_database()
        target.execute("grant pg_monitor to duet")
        await migrate(target.dsn(), "threads", MIGRATIONS)
        with following(target, tmp_path / "s") as standby:
            urls = [database_url, target.dsn()]
            conns = [await asyncpg.connect(url, server_settings={"search_path": "threads"}) for url in urls]
            two = Two(urls, conns)
            await placing.give(conns[0], 0, range(SLOTS), begins=False)
            await placing.give(conns[1], 1, [], begins=True)
            await two.write(said((1, 2)))
            has_everything(target, standby)
            receiver = int(standby.execute("select pid from pg_stat_wal_receiver"))
            os.kill(receiver, signal.SIGSTOP)
            try:
                with pytest.raises(MovingError, match=r"standby .* does not follow"):
                    await two.move("empty", "0")
            finally:
                os.kill(receiver, signal.SIGCONT)
            assert await two.slots() == [256, 0]
            await two.move("empty", "0")
            assert await two.slots() == [0, 256]
            for conn in conns:
                await conn.close()
