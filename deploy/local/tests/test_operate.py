"""The operator's verbs on the real product."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.command import main
from deploy.local.leftovers import end_leftovers
from deploy.local.settings import REPOSITORY
from deploy.local.tests.conftest import Start
from deploy.local.tests.driver import PROGRAMS
from shared.embedded.postgres import PostgresServer, client_program
from shared.embedded.running import started
from shared.testing.people import PASSWORD, Person
from shared.testing.product import Product, running_product
from shared.wire.ids import uuid7

pytestmark = pytest.mark.system

ONE_RELAY = {"DUET_RELAYS": "1"}
"""It starts sooner, and none of these tests is about the path between nodes."""


@pytest.fixture(scope="module")
def running() -> Iterator[Product]:
    """For tests after which it runs on. It makes backups by itself."""
    with running_product({**ONE_RELAY, "DUET_BACKUP": "daily"}) as product:
        yield product


Operate = Callable[..., tuple[int, str]]


@pytest.fixture
def operate(capfd: pytest.CaptureFixture[str]) -> Operate:
    """`operate(data_dir, verb, …, **settings)`: as `a_process`, but without one, which takes half a second."""

    def one(data_dir: Path, *arguments: str, **settings: str) -> tuple[int, str]:
        with pytest.MonkeyPatch.context() as environment:
            for name in [name for name in os.environ if name.startswith("DUET_")]:
                environment.delenv(name)
            for name, value in {"DUET_DATA_DIR": str(data_dir), **settings}.items():
                environment.setenv(name, value)
            status = main(list(arguments))
        said, complaints = capfd.readouterr()
        return status, said + complaints

    return one


def a_process(data_dir: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    """Exit status and everything printed."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DUET_")}
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local", *arguments],
        env={**inherited, "DUET_DATA_DIR": str(data_dir), **settings},
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


async def texts(product: Product, person: str, peer: str) -> list[str]:
    """The messages of a thread as one of its members reads them after a fresh login."""
    reader = await Person(product.url, person).log_in()
    try:
        status, answer = await reader.call("GET", f"/api/threads/{peer}/messages")
        assert status == 200, answer
        return [message["text"] for message in answer["messages"]]
    finally:
        await reader.close()


async def send_file(person: Person, to: str, content: bytes) -> str:
    """The id of a file that a message names."""
    path = f"/api/threads/{to}/attachments?client_id={uuid7()}&name=a"
    async with person.http.post(path, data=content) as answer:
        assert answer.status == 201, await answer.read()
        id: str = (await answer.json())["id"]
    body = {"client_id": str(uuid7()), "text": "", "attachments": [{"id": id}]}
    status, said = await person.call("POST", f"/api/threads/{to}/messages", body)
    assert status == 201, said
    return id


def log_id(data_dir: Path) -> str:
    """Of the running product; clients keep what they have only as long as it is the same."""
    return embedded(data_dir).execute("select log from threads.settings", "duet")


def embedded(data_dir: Path) -> PostgresServer:
    return PostgresServer(data_dir / "postgres", data_dir / "run" / "postgres")


def test_status_says_how_each_program_does(running: Product, operate: Operate, tmp_path: Path) -> None:
    code, said = operate(running.data_dir, "status")
    lines = [line.split()[:2] for line in said.splitlines() if line]
    programs = ["gateway", "auth", "threads", "game", "media", "notify", "relay-1"]
    assert lines[: len(programs)] == [[name, "ok"] for name in programs], said
    assert (code, said.splitlines()[-1]) == (0, "Nothing is wrong."), said
    assert "redis_well 0" not in said  # an alert would go off
    code, said = operate(tmp_path / "var", "status")
    assert (code, said.split(":")[0]) == (1, "The gateway does not answer")


async def test_a_backup_of_a_running_duet_brings_back_that_moment_and_renews_the_log(tmp_path: Path) -> None:
    with running_product(ONE_RELAY, tmp_path / "var") as product:
        ann, bob = Person(product.url, "ann"), Person(product.url, "bob")
        for person in (ann, bob):
            await person.sign_up()
        await ann.send("bob", "before the backup")
        kept = await send_file(ann, "bob", b"a file")
        status, said = a_process(product.data_dir, "backup")
        assert status == 0, said
        dump = Path(said.strip().removeprefix("Saved "))
        assert dump.stat().st_mode & 0o077 == 0
        await ann.send("bob", "after the backup")
        await send_file(ann, "bob", b"another file")
        for person in (ann, bob):
            await person.close()
        log_before = log_id(product.data_dir)

        status, said = a_process(product.data_dir, "restore", str(dump))
        assert status == 1
        assert "already runs" in said

    before = a_process(product.data_dir, "backup")
    assert before[0] == 0, "a backup also works while Duet is stopped"
    status, said = a_process(product.data_dir, "restore", str(dump))
    assert status == 0, said
    with running_product(ONE_RELAY, tmp_path / "var") as product:
        assert await texts(product, "bob", "ann") == ["before the backup", ""]
        assert log_id(product.data_dir) != log_before
        reader = await Person(product.url, "bob").log_in()
        async with reader.http.get(f"/api/attachments/{kept}") as answer:
            assert (answer.status, await answer.read()) == (200, b"a file")
        await reader.close()
        assert len(list((product.data_dir / "files").glob("??/??/*"))) == 1


def test_a_dump_that_breaks_off_changes_nothing_and_leaves_nothing_behind(
    operate: Operate, start: Start
) -> None:
    run = start().until_ready()
    server = embedded(run.data_dir)
    server.execute(
        "set role duet; create table kept as select n, md5(n::text) from generate_series(1, 20000) as n",
        "duet",
    )
    status, said = operate(run.data_dir, "backup")
    assert status == 0, said
    dump = Path(said.strip().removeprefix("Saved "))
    os.truncate(dump, dump.stat().st_size // 2)
    run.stop()
    status, said = operate(run.data_dir, "restore", str(dump))
    assert status == 1
    assert "pg_restore: " in said
    with started(server):
        assert server.execute("select count(*) from kept", "duet").strip() == "20000"
        assert "duet_restoring" not in server.execute("select datname from pg_database")


def test_a_backup_ends_nothing_of_a_duet_whose_supervisor_was_killed(operate: Operate, start: Start) -> None:
    run = start().until_ready()
    run.process.kill()
    run.process.wait()
    try:
        status, said = operate(run.data_dir, "backup")
        assert status == 0, said
        assert run.running() == set(PROGRAMS)
    finally:
        end_leftovers(run.data_dir, embedded(run.data_dir), lambda text: None)


def test_duet_makes_a_proven_backup_by_itself(running: Product) -> None:
    last = running.data_dir / "backups" / "last.json"
    while not last.exists():
        assert running.process.poll() is None
        time.sleep(0.05)
    said = json.loads(last.read_text())
    assert said["made"] is True, said
    assert Path(said["said"].removeprefix("Saved ")).is_file()
    assert "backup" in running.names()
    assert (
        a_process(running.data_dir, "check-config", DUET_BACKUP="daily")[1].count("DUET_BACKUP_DAYS=14") == 1
    )


async def test_a_new_password_opens_the_account_and_the_old_one_no_more(running: Product) -> None:
    ann = await Person(running.url, "ann").sign_up()
    status, said = a_process(running.data_dir, "reset-password", "ann")
    assert status == 0, said
    credentials = {"username": "ann", "password": said.strip().splitlines()[-1]}
    assert (await ann.call("POST", "/api/session", credentials))[0] == 200
    assert (await ann.call("POST", "/api/session", credentials | {"password": PASSWORD}))[0] == 401
    await ann.close()
    status, said = a_process(running.data_dir, "reset-password", "nobody")
    assert status == 1
    assert "there is no user nobody" in said


def test_a_new_password_needs_the_database_of_auth_alone(
    operate: Operate, tmp_path: Path, postgres_server: PostgresServer, empty_database_url: str
) -> None:
    """An empty one will do to show that it was asked."""
    elsewhere = postgres_server.dsn("elsewhere")
    urls = {"DUET_AUTH_POSTGRES_URL": empty_database_url, "DUET_POSTGRES_URL": elsewhere}
    status, said = operate(tmp_path / "var", "reset-password", "ann", **urls)
    assert status == 1
    assert "there is no user ann: the database is new" in said


def test_the_log_is_renewed_by_hand_too(operate: Operate, tmp_path: Path, database_url: str) -> None:
    """After a restore by other means than ours, to a point in time: cursors may lie beyond the end."""
    before = query(database_url, "select log from threads.settings")
    status, said = operate(tmp_path / "var", "renew-log", DUET_POSTGRES_URL=database_url)
    assert (status, said.strip()) == (0, query(database_url, "select log from threads.settings"))
    assert said.strip() != before


@pytest.mark.parametrize("place", ["before the host", "among the parameters"])
def test_a_given_server_gets_the_shells_settings_and_ps_no_password(
    operate: Operate, tmp_path: Path, empty_database_url: str, place: str
) -> None:
    url = f"{empty_database_url}&password=hunter%32"
    if place == "before the host":
        url = empty_database_url.replace("duet@", "duet:hunter%32@")
    status, said = operate(
        tmp_path / "var", "psql", "-Atc", "show application_name", "-c", r"\! ps -ww -o args= -p $PPID",
        "-c", r"\! echo $PGPASSWORD", DUET_POSTGRES_URL=url, PGAPPNAME="nightly",
    )  # fmt: skip
    assert status == 0, said
    name, arguments, password = said.splitlines()
    assert name == "nightly"
    assert "/psql postgresql://duet@/" in arguments
    assert "hunter" not in arguments
    assert password == "hunter2"


def query(url: str, sql: str) -> str:
    return client_program("psql", "-XAtc", sql, url).stdout.strip()


def dumped(operate: Operate, data_dir: Path, url: str) -> Path:
    status, said = operate(data_dir, "backup", DUET_POSTGRES_URL=url)
    assert status == 0, said
    return Path(said.strip().removeprefix("Saved "))


def test_a_restore_into_a_given_database_renews_the_log_with_it(
    operate: Operate, tmp_path: Path, database_url: str
) -> None:
    query(database_url, "create table kept as select 1 as n")
    log, dump = (
        query(database_url, "select log from threads.settings"),
        dumped(operate, tmp_path / "var", database_url),
    )
    query(database_url, "update kept set n = 2")
    status, said = operate(tmp_path / "var", "restore", str(dump), DUET_POSTGRES_URL=database_url)
    assert status == 0, said
    assert query(database_url, "select n from kept") == "1"
    assert query(database_url, "select log from threads.settings") != log


def test_a_restore_into_a_given_database_takes_away_what_came_after_the_dump(
    operate: Operate, tmp_path: Path, database_url: str
) -> None:
    """As when a dump of an earlier version goes back: later migrations have made more tables, and the like."""
    dump = dumped(operate, tmp_path / "var", database_url)
    query(
        database_url,
        "create table threads.later (n int); create view threads.seen as select log from threads.settings",
    )
    query(database_url, "create schema elsewhere; create table elsewhere.kept as select 1 as n")
    status, said = operate(tmp_path / "var", "restore", str(dump), DUET_POSTGRES_URL=database_url)
    assert status == 0, said
    assert (
        query(
            database_url,
            "select to_regclass('threads.later') is null and to_regclass('threads.seen') is null",
        )
        == "t"
    )
    assert query(database_url, "select n from elsewhere.kept") == "1"


@pytest.mark.parametrize("failure", ["the log is not renewed", "the dump breaks off"])
def test_a_restore_into_a_given_database_that_fails_changes_nothing(
    operate: Operate, tmp_path: Path, empty_database_url: str, failure: str
) -> None:
    query(
        empty_database_url, "create table kept as select n, md5(n::text) from generate_series(1, 20000) as n"
    )
    dump = dumped(operate, tmp_path / "var", empty_database_url)
    if failure == "the dump breaks off":
        os.truncate(dump, dump.stat().st_size // 2)
    query(empty_database_url, "delete from kept where n > 5")
    status, said = operate(tmp_path / "var", "restore", str(dump), DUET_POSTGRES_URL=empty_database_url)
    assert status == 1
    assert ("settings" if failure == "the log is not renewed" else "pg_restore: ") in said
    assert query(empty_database_url, "select count(*) from kept") == "5"


async def test_the_seed_makes_people_who_can_log_in_and_read_each_other(running: Product) -> None:
    for suffix in ("", "-2"):
        status, said = a_process(running.data_dir, "seed", DUET_PORT=str(running.port))
        assert status == 0, said
        passwords = dict(re.findall(r"^  (\S+) +(\S+)$", said, re.M))
        assert set(passwords) == {f"alice{suffix}", f"bob{suffix}", f"carol{suffix}"}
        alice = await Person(running.url, f"alice{suffix}", passwords[f"alice{suffix}"]).log_in()
        status, answer = await alice.call("GET", "/api/threads")
        assert status == 200, answer
        assert [thread["username"] for thread in answer["threads"]] == [f"carol{suffix}", f"bob{suffix}"]
        await alice.close()


def test_what_is_no_dump_and_what_is_not_there_is_refused(operate: Operate, tmp_path: Path) -> None:
    status, said = operate(tmp_path / "var", "backup")
    assert (status, said.strip()) == (1, f"There is no database in {tmp_path}/var yet: start Duet first.")
    assert operate(tmp_path / "var", "restore", str(tmp_path / "absent"))[0] == 1
    (tmp_path / "text").write_text("no dump")
    status, said = operate(tmp_path / "var", "restore", str(tmp_path / "text"))
    assert status == 1
    assert "does not appear to be a valid archive" in said


def test_the_seed_says_what_to_do_when_duet_does_not_run(tmp_path: Path) -> None:
    status, said = a_process(tmp_path / "var", "seed", DUET_PORT="1")
    assert (status, said.strip()) == (
        1,
        "Duet does not answer at http://127.0.0.1:1: start it first.",
    )
