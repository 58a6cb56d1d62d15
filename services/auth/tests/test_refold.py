"""Names that an earlier version folded are found like those of today."""

import asyncio

from services.auth.app import MIGRATIONS
from services.auth.names import search_form
from services.auth.queries import users
from services.auth.refold import refold
from services.auth.tests.conftest import Start
from services.auth.tests.driver import Driver, until_someone_waits
from shared.plumbing.folding import FORM
from shared.plumbing.postgres.database import database
from shared.wire.http import Users


async def test_after_an_upgrade_names_are_found_in_their_new_form(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    async with auth.db.connection() as conn:
        await conn.execute(
            "INSERT INTO users (username, display_name, name_folded, password)"
            " SELECT 'user' || n, 'Łódź ' || n, 'łódź ' || n, '!' FROM generate_series(1, 120) AS n"
        )
        await conn.execute("UPDATE name_form SET form = 1, renewed = 0")
    await asyncio.wait_for(refold(auth.db), 10)
    found: Users = (await ann.ask("GET", "/api/users?query=lodz&limit=200")).of(Users)
    assert len(found.users) == 120
    async with auth.db.connection() as conn:
        assert await conn.fetchval("SELECT form FROM name_form") == FORM


async def test_who_is_renamed_meanwhile_is_found_by_the_new_name(
    database_url: str, start_auth: Start
) -> None:
    async with database(database_url, "auth", MIGRATIONS) as db:  # a service would fold beside the test
        async with db.connection() as conn:
            ann = await users.add(conn, "ann", "Old Name", "of an earlier form", "!")
        assert ann is not None
        async with db.transaction() as conn:
            await users.rename(conn, ann.id, "Lee", search_form("Lee"))
            folding = asyncio.create_task(refold(db))
            await until_someone_waits(db)  # it has read the old name
        await asyncio.wait_for(folding, 10)
    bob = await (await start_auth()).sign_up("bob")
    for query, names in (("lee", ["Lee"]), ("old", [])):
        found: Users = (await bob.ask("GET", f"/api/users?query={query}")).of(Users)
        assert [user.display_name for user in found.users] == names, query
