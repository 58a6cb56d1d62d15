"""What one test leaves in a database, the next does not find."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from shared.embedded.postgres import PostgresServer
from shared.testing.databases import Databases

_TEMPLATE = "pattern"
_TABLES = """
CREATE TABLE people (id bigint GENERATED ALWAYS AS IDENTITY (START WITH 5) PRIMARY KEY, name text, note jsonb);
CREATE TABLE said (by bigint NOT NULL REFERENCES people, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE settings (log uuid NOT NULL DEFAULT gen_random_uuid(), at timestamptz NOT NULL DEFAULT clock_timestamp(),
    name text NOT NULL DEFAULT $$it's a \\n$$, key bytea NOT NULL DEFAULT 'a\\000b', many int[] DEFAULT '{1,2}');
INSERT INTO settings DEFAULT VALUES;
CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'forbidden'; END $$;
CREATE TRIGGER kept BEFORE DELETE ON people FOR EACH ROW EXECUTE FUNCTION forbid();
"""
_WRITE = """
INSERT INTO people (name) VALUES ('Ann'), ('Bob');
INSERT INTO said SELECT id FROM people;
UPDATE settings SET log = gen_random_uuid(), key = 'b';
"""
_READ = """
SELECT (SELECT json_agg(p) FROM people AS p), (SELECT json_agg(s) FROM said AS s),
    (SELECT json_agg(s) FROM settings AS s), last_value, is_called FROM people_id_seq
"""

_END_ALL = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture(scope="module")
def databases(postgres_server: PostgresServer) -> Iterator[Databases]:
    postgres_server.create_database(_TEMPLATE)
    postgres_server.execute(f"SET ROLE duet; {_TABLES}", _TEMPLATE)
    databases = Databases(postgres_server, _TEMPLATE)
    yield databases
    databases.close()


def _lent(databases: Databases) -> str:
    return databases.lend().partition("@/")[2].partition("?")[0]


def test_rows_and_numbers_are_as_they_were(databases: Databases, postgres_server: PostgresServer) -> None:
    name = _lent(databases)
    before = postgres_server.execute(_READ, name)
    assert before == postgres_server.execute(_READ, _TEMPLATE)
    postgres_server.execute(_WRITE, name)
    assert postgres_server.execute(_READ, name) != before
    databases.take_back()
    assert _lent(databases) == name
    assert postgres_server.execute(_READ, name) == before
    databases.take_back()


def test_a_connection_left_open_ends_with_what_it_had_begun(
    databases: Databases, postgres_server: PostgresServer
) -> None:
    with asyncio.Runner() as runner:
        left = runner.run(asyncpg.connect(databases.lend()))
        runner.run(left.execute(f"BEGIN; {_WRITE}"))
        databases.take_back()
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
            runner.run(left.execute("COMMIT"))
    assert postgres_server.execute(_READ, _lent(databases)) == postgres_server.execute(_READ, _TEMPLATE)
    databases.take_back()


def test_a_test_that_ends_every_connection_does_not_harm_the_next(
    databases: Databases, postgres_server: PostgresServer
) -> None:
    for _ in range(2):  # from the first time on there is one beside it
        name = _lent(databases)
        postgres_server.execute(_WRITE, name)
        postgres_server.execute(_END_ALL, name)
        databases.take_back()
    assert _lent(databases) == name
    assert postgres_server.execute(_READ, name) == postgres_server.execute(_READ, _TEMPLATE)
    databases.take_back()


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE people ADD COLUMN age int",
        "DROP TRIGGER kept ON people",
        "TRUNCATE said",
        "CREATE SCHEMA other",
        f"{_WRITE} ANALYZE",
        "ALTER DATABASE {name} SET default_transaction_read_only = on",
        "INSERT INTO people (note) SELECT to_json(repeat('a', 100)) FROM generate_series(1, 40000)",
    ],
)
def test_after_more_than_rows_the_next_is_another(
    databases: Databases, postgres_server: PostgresServer, change: str
) -> None:
    name = _lent(databases)
    postgres_server.execute(change.format(name=name), name)
    databases.take_back()
    assert _lent(databases) != name
    databases.take_back()
