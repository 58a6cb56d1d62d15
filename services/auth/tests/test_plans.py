"""The user list's query plan on many accounts: it touches what it shows, whatever the prefix."""

import re
from typing import Any

from services.auth.queries.user_list import PAGE
from services.auth.tests.driver import Driver

ACCOUNTS = 20_000
QUERIES = ("", "u", "user1", "load", "load user", "load user 19", "load user 19999", "nobody")

_ADD = """
INSERT INTO users (username, display_name, name_folded, password)
SELECT 'user' || n, 'Load User ' || n, 'load user ' || n, '!' FROM generate_series(1, $1::int) AS n
"""


async def _plan(conn: Any, query: str) -> str:
    values = f"'user5', '{query}', '{query}~', '{query}', 7, 51"
    return "\n".join(
        row[0] for row in await conn.fetch(f"EXPLAIN (ANALYZE, BUFFERS) EXECUTE page ({values})")
    )


async def test_a_page_reads_no_more_of_many_accounts_than_it_can_show(auth: Driver) -> None:
    async with auth.db.connection() as conn:
        await conn.execute(_ADD, ACCOUNTS, timeout=60)
        await conn.execute("VACUUM ANALYZE users, name_prefixes", timeout=60)
        await conn.execute(f"PREPARE page (text, text, text, text, bigint, int) AS {PAGE}")
        for mode in ("force_custom_plan", "force_generic_plan"):
            await conn.execute(f"SET plan_cache_mode = {mode}")
            for query in QUERIES:
                plan = await _plan(conn, query)
                assert "Seq Scan" not in plan, plan
                assert "users_username_key" in plan, plan
                assert "name_prefixes_pkey" in plan, plan
                # Both halves of a page of at most 200, and one more each.
                assert max(map(float, re.findall(r"actual.* rows=([\d.]+)", plan))) <= 402, plan
                assert not re.search(r"Rows Removed by Filter: (?!1$)", plan, re.MULTILINE), plan
