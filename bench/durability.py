"""`python -m bench.durability`: what each target does with a message that its database refuses to store.

A trigger raises "disk full" at every INSERT into the table of messages; then everybody writes one message. Who says
that it was taken, or hands it to the other person, has promised what is nowhere.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from bench.measure.phases import Stage, staged
from bench.options import some_of
from bench.report.pace import aligned
from bench.targets.programs import NotInstalledError
from bench.targets.running import Running
from bench.targets.table import TARGETS, Target

_PAIRS = 5
_WITHIN_S = 5.0
_HEADER = (
    "", "sent", "acknowledged", "delivered", "rows stored", "refused", "sockets closed", "once the disk has space again"
)  # fmt: skip
_BREAK = """
CREATE FUNCTION bench_full() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE 'no space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER bench_full BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION bench_full()
"""
_MEND = "DROP TRIGGER bench_full ON {table}"
_COUNT = "SELECT count(*) FROM {table}"


def main(arguments: Sequence[str]) -> None:
    chosen = _parse(arguments).targets
    rows = []
    for target in TARGETS:
        if target.name in chosen:
            try:
                rows.append(_tried(target))
            except NotInstalledError as error:
                print(f"{target.title} is left out: {error}", file=sys.stderr)
    print(aligned(_HEADER, rows))


def _tried(target: Target) -> list[str]:
    with target.start() as running, staged(running, _PAIRS) as stage:
        before = _rows(running)
        _execute(running, _BREAK)
        tally = stage.fleet.greet(_WITHIN_S)
        stored = _rows(running) - before
        _execute(running, _MEND)
        counts = (tally.sent, tally.acknowledged, tally.delivered, stored, tally.refused, tally.closed)
        return [target.title, *map(str, counts), _afterwards(stage)]


def _afterwards(stage: Stage) -> str:
    try:
        stage.connect()
    except RuntimeError:
        return "nobody can write until it is started again"
    return "everybody can write"


def _rows(running: Running) -> int:
    """Messages stored so far; an archive of XMPP has two rows for each, one a person."""
    rows: int = _ask(running, lambda database: database.fetchval(_COUNT.format(table=running.messages)))
    return rows


def _execute(running: Running, sql: str) -> None:
    """{table}: of the messages."""
    _ask(running, lambda database: database.execute(sql.format(table=running.messages)))


def _ask(running: Running, question: Callable[[asyncpg.Connection], Awaitable[Any]]) -> Any:
    async def ask() -> Any:
        connection = await asyncpg.connect(running.postgres_url)
        try:
            return await question(connection)
        finally:
            await connection.close()

    return asyncio.run(ask())


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.durability", description=__doc__)
    known = [target.name for target in TARGETS if target.name != "echo"]
    parser.add_argument("--targets", type=some_of(known), default=known, help=f"of {', '.join(known)} (all)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends, and its files go
    main(sys.argv[1:])
