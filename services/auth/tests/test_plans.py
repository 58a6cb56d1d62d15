"""The user list's query plan on many accounts: it touches what it shows, whatever the prefix."""

import re

from services.auth.tests.driver import Driver
from services.auth.tests.plans import QUERIES, add_accounts, asked
from shared.testing.plans import explain

ACCOUNTS = 8_000


async def test_a_page_reads_no_more_of_many_accounts_than_it_can_show(auth: Driver) -> None:
    async with auth.db.connection() as conn:
        await add_accounts(conn, 1, ACCOUNTS)
        for mode in ("force_custom_plan", "force_generic_plan"):
            await conn.execute(f"SET plan_cache_mode = {mode}")
            for query in QUERIES:
                plan = "\n".join((await explain(conn, asked(query))).plan)
                assert "Seq Scan" not in plan, plan
                assert "users_findable" in plan or "users_username_key" in plan, plan  # all are findable here
                assert "name_prefixes_pkey" in plan, plan
                # Both halves of a page of at most 200, and one more each.
                assert max(map(float, re.findall(r"actual.* rows=([\d.]+)", plan))) <= 402, plan
                assert not re.search(r"Rows Removed by Filter: (?!1(\.00)?$)", plan, re.MULTILINE), plan
