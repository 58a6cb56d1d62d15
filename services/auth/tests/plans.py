"""How the user list is answered as accounts grow: `python -m services.auth.tests.plans [ACCOUNTS…]` writes
docs/plans/user-list.md (a million accounts take about four minutes and 4 GB of temporary disk)."""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.auth.app import MIGRATIONS
from services.auth.queries.user_list import PAGE
from shared.embedded.running import running_postgres
from shared.plumbing.postgres.database import Connection, database
from shared.testing import plans
from shared.testing.plans import Answer, Asked, explain

QUERIES = ("", "u", "user1", "load", "load user", "load user 19", "load user 19999", "nobody")
_SIZES = (1_000, 100_000, 1_000_000)
_FILL_TIMEOUT_S = 1800
_INTRODUCTION = """# The user list

`GET /api/users` finds by a prefix of either name and pages by username (`services/auth/queries/user_list.py`). A
prefix of the username is a range of an index of those who are findable. For the display name every prefix is a row of
`name_prefixes` (a trigger keeps them; prefixes that the username has too are left out, and whoever is not findable),
so each query is one range of `(prefix, username)`, in the order of the page: nothing is sorted but the 402 rows that
the two halves give at most.

Written by `python -m services.auth.tests.plans`: a page of 50 after `user15`, generic plan, accounts `user1…` called
`Load User 1…` (`EXPLAIN (ANALYZE, BUFFERS)`; a buffer is a page of 8 KiB; the time is the best of five).
`services/auth/tests/test_plans.py` holds the shape in `make test`, with custom and generic plans.
"""
_DOCUMENT = Path(__file__).parents[3] / "docs" / "plans" / "user-list.md"
_ADD = """
INSERT INTO users (username, display_name, name_folded, password)
SELECT 'user' || n, 'Load User ' || n, 'load user ' || n, '!' FROM generate_series($1::int, $2::int) AS n
"""
_SPACE = "SELECT pg_total_relation_size('name_prefixes')"


def asked(query: str) -> Asked:
    """A page of 50 and one more, after `user15`, as user 7."""
    name = f"`{query}`" if query else "(none)"
    return Asked(name, PAGE, ("user15", query, query + "~", 7, 51))


async def add_accounts(conn: Connection, first: int, last: int) -> None:
    await conn.execute(_ADD, first, last, timeout=_FILL_TIMEOUT_S)
    await conn.execute("VACUUM ANALYZE users, name_prefixes", timeout=_FILL_TIMEOUT_S)


def opened(dsn: str) -> Any:
    """The service's own schema."""
    return database(dsn, "auth", MIGRATIONS, settings={"statement_timeout": "0"})


async def _answers(dsn: str, sizes: Sequence[int]) -> tuple[dict[str, list[Answer]], int]:
    """What each query costs at each size, and the bytes that the prefixes take at the last."""
    found: dict[str, list[Answer]] = {}
    there = 0
    async with opened(dsn) as db, db.connection() as conn:
        await conn.execute("SET plan_cache_mode = force_generic_plan")
        for size in sizes:
            await add_accounts(conn, there + 1, size)
            there = size
            for one in map(asked, QUERIES):
                found.setdefault(one.name, []).append(await explain(conn, one))
        return found, await conn.fetchval(_SPACE)


def _main(sizes: Sequence[int]) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="duet-plans-") as directory,
        running_postgres(Path(directory)) as server,
    ):
        server.ensure_database()
        found, space = asyncio.run(_answers(server.dsn(), sizes))
    price = (
        f"The price is space: `name_prefixes` takes {space / 1e6:,.0f} MB for these {sizes[-1]:,} accounts (every\n"
        "display name differs from its username); an account that shows its username takes none."
    )
    plan = {"`load user`": found["`load user`"]}
    lines = [_INTRODUCTION, *plans.table(sizes, found), "", price, *plans.plans(plan)]
    _DOCUMENT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    _main([int(size) for size in sys.argv[1:]] or _SIZES)
