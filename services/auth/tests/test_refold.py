"""Names that an earlier version folded are found like those of today."""

import asyncio

from services.auth.names import search_form
from services.auth.queries import name_form
from services.auth.refold import refold
from services.auth.tests.driver import Driver
from shared.plumbing.folding import FORM
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


async def test_who_is_renamed_meanwhile_is_found_by_the_new_name(auth: Driver) -> None:
    ann, bob = await auth.sign_up("ann", display_name="Old Name"), await auth.sign_up("bob")
    async with auth.db.connection() as conn:
        await conn.execute("UPDATE name_form SET form = 1, renewed = 0")
    async with auth.db.transaction() as conn:
        found = await name_form.outdated(conn, FORM, 10)
        assert (ann.id, "Old Name") in found
        assert (await ann.ask("PUT", "/api/profile", {"display_name": "Lee"})).status == 200
        await name_form.renew(conn, found, [search_form(name) for _, name in found])
    for query, names in (("lee", ["Lee"]), ("old", [])):
        users: Users = (await bob.ask("GET", f"/api/users?query={query}")).of(Users)
        assert [user.display_name for user in users.users] == names, query
