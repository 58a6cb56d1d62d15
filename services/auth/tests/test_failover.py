"""A promoted standby may lack the last accounts: whatever others keep under their ids is nobody else's."""

import asyncpg
import pytest

from services.auth.tests.conftest import Start
from services.auth.tests.driver import Driver

_ANOTHER_SERVER = "UPDATE server SET name = '7/00000001'"


async def _lose_last(database_url: str) -> None:
    """As the standby has it that never heard of that account."""
    conn = await asyncpg.connect(database_url, server_settings={"search_path": "auth"})
    try:
        await conn.execute(_ANOTHER_SERVER)
        await conn.execute("DELETE FROM sessions; DELETE FROM devices")
        last = await conn.fetchval("DELETE FROM users WHERE id = (SELECT max(id) FROM users) RETURNING id")
        await conn.execute("SELECT setval(pg_get_serial_sequence('users', 'id'), $1, false)", last)
    finally:
        await conn.close()


async def test_who_signs_up_after_a_failover_gets_no_id_that_somebody_had(
    start_auth: Start, database_url: str
) -> None:
    before = await start_auth()
    lost = (await before.sign_up("ann")).id
    await before.client.close()
    await _lose_last(database_url)
    after = await start_auth()
    bob, carol = [(await after.sign_up(name)).id for name in ("bob", "carol")]
    assert bob > lost + 1_000_000
    assert carol == bob + 1, "it is found out once"


@pytest.mark.usefixtures("pooled")
async def test_so_it_is_through_a_pooler(auth: Driver, database_url: str) -> None:
    """Where a connection may lead to the other server from one transaction to the next."""
    lost = (await auth.sign_up("ann")).id
    await _lose_last(database_url)
    assert (await auth.sign_up("bob")).id > lost + 1_000_000
