"""Backups that make themselves: which are kept, when the next is due, how one is proven, and how one fails."""

import asyncio
import datetime
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from deploy.local.counting import counted
from deploy.local.operate import Refused, backup
from deploy.local.proof import Unproven, prove
from deploy.local.retention import due, superfluous
from deploy.local.settings import REPOSITORY, from_environment
from shared.embedded.postgres import client_program

_NEW_YEAR = datetime.datetime(2027, 1, 1, 12, 30, tzinfo=datetime.UTC)  # a Friday
_MISSING = """
INSERT INTO media.attachments (id, owner, peer, client_id, digest, name, type, whole, size, stored)
VALUES ('a', 1, 2, gen_random_uuid(), '', 'a', 'text/plain', repeat('0', 64), 1, 1)
"""


@pytest.mark.parametrize(
    ("every", "last", "next_one"),
    [
        ("hour", _NEW_YEAR, _NEW_YEAR.replace(hour=13, minute=0)),
        ("day", _NEW_YEAR, _NEW_YEAR.replace(day=2, hour=3, minute=0)),
        ("day", _NEW_YEAR.replace(hour=2), _NEW_YEAR.replace(hour=3, minute=0)),
        ("day", _NEW_YEAR.replace(hour=3, minute=0), _NEW_YEAR.replace(day=2, hour=3, minute=0)),
        ("week", _NEW_YEAR, _NEW_YEAR.replace(day=4, hour=3, minute=0)),
    ],
)
def test_the_next_backup_is_due_at_the_next_full_hour_or_at_night(
    every: str, last: datetime.datetime, next_one: datetime.datetime
) -> None:
    assert due(last, every) == next_one


def test_all_of_the_newest_days_are_kept_and_one_of_each_of_the_newest_weeks() -> None:
    nights = [_NEW_YEAR + datetime.timedelta(days=number) for number in range(40)]
    names = [f"duet-{night:%Y%m%d}-030000.dump" for night in nights]
    by_hand = ["duet-20270209-120000.dump", "duet-20270209-120000-2.dump"]
    others = ["duet-20270101-before-the-move.dump", "mine.dump", "last.json"]
    gone = {dump.name for dump in superfluous(map(Path, [*names, *by_hand, *others]), days=3, weeks=3)}
    kept = [name for name in names if name not in gone]
    assert kept == [
        "duet-20270131-030000.dump",  # Sundays, each the last of its week
        "duet-20270207-030000.dump",
        "duet-20270208-030000.dump",
        "duet-20270209-030000.dump",
    ]
    assert not gone & {*by_hand, *others}
    assert superfluous([Path(names[0])], days=1, weeks=0) == []


def test_a_proven_backup_has_been_restored_and_counted(tmp_path: Path, database_url: str) -> None:
    settings = from_environment({"DUET_POSTGRES_URL": database_url, "DUET_DATA_DIR": str(tmp_path / "var")})
    client_program("psql", "-Xqc", "create table kept as select generate_series(1, 5) as n", database_url)
    (tmp_path / "var" / "backups").mkdir(parents=True)
    (tmp_path / "var" / "backups" / "duet-20270101-030000.partial").write_text("by a killed one")
    dump = backup(settings, proven=True)
    assert [path.name for path in dump.parent.iterdir() if path.name != ".lock"] == [dump.name]

    rows = asyncio.run(counted(database_url))
    assert rows["public.kept"] == 5
    with pytest.raises(Unproven, match=r"public.kept 6 -> 5, threads.more 1 -> none"):
        prove(dump, dump.with_suffix(".files"), rows | {"public.kept": 6, "threads.more": 1})


def test_a_backup_whose_files_are_not_all_there_is_not_proven_and_leaves_nothing(
    tmp_path: Path, database_url: str
) -> None:
    settings = from_environment({"DUET_POSTGRES_URL": database_url, "DUET_DATA_DIR": str(tmp_path / "var")})
    client_program("psql", "-Xqc", _MISSING, database_url)
    with pytest.raises(Refused, match="1 of the 1 files of this backup are not there"):
        backup(settings, proven=True)
    assert [path.name for path in (tmp_path / "var" / "backups").iterdir()] == [".lock"]


async def test_a_backup_that_fails_is_said_by_readiness_metrics_log_and_file(tmp_path: Path) -> None:
    data_dir, socket = tmp_path / "var", tmp_path / "b.sock"
    told = {name: value for name, value in os.environ.items() if not name.startswith("DUET_")}
    told |= {"DUET_DATA_DIR": str(data_dir), "DUET_LISTEN": f"unix:{socket}", "DUET_BACKUP": "daily"}
    process = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-m", "deploy.local.backups"],
        env=told,
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        last = data_dir / "backups" / "last.json"
        while not last.exists():
            assert process.poll() is None
            await asyncio.sleep(0.05)
        async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(socket))) as http:
            async with http.get("http://x/health/ready") as answer:
                assert (answer.status, (await answer.json())["backup"]) == (200, "degraded")
            async with http.get("http://x/metrics") as answer:
                metrics = await answer.text()
        assert "\nduet_backup_failures_total 1.0\n" in metrics
        assert "\nduet_backup_last_success_timestamp_seconds 0.0\n" in metrics
        said = json.loads(last.read_text())
        assert said["made"] is False
        assert "There is no database" in said["said"]
    finally:
        process.send_signal(signal.SIGTERM)
        logged = process.communicate()[1]
    assert process.returncode == 0
    assert '"no backup"' in logged
