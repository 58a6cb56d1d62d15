"""Who does not want to be found in the user list, and who reaches them all the same."""

from services.auth.tests.driver import Driver, Person
from shared.wire.accounts import EndedSessions, Profiles, ProfilesByName
from shared.wire.http import Settings, Users


async def _found(asker: Person, query: str = "") -> list[str]:
    users: Users = (await asker.ask("GET", f"/api/users?query={query}")).of(Users)
    return [user.username for user in users.users]


async def _set(person: Person, *, findable: bool) -> None:
    changed: Settings = (await person.ask("PATCH", "/api/settings", {"findable": findable})).of(Settings)
    assert changed.findable is findable


async def test_who_is_not_findable_is_in_no_list_and_no_search_by_either_name(auth: Driver) -> None:
    ann, bob, _ = [
        await auth.sign_up(name, display_name=shown)
        for name, shown in (("ann", "Ann"), ("bob", "Zoe Quick"), ("bobby", "Zoe Slow"))
    ]
    await _set(bob, findable=False)
    assert await _found(ann) == ["bobby"]
    for query in ("bob", "zoe", "zoe%20q", "Zo", "@bob"):
        assert "bob" not in await _found(ann, query), query
    async with auth.db.connection() as conn:
        assert await conn.fetchval("SELECT count(*) FROM name_prefixes WHERE user_id = $1", bob.id) == 0
        # A form that is folded anew does not bring them back.
        await conn.execute("UPDATE users SET name_folded = 'zoe quick!' WHERE id = $1", bob.id)
    assert await _found(ann, "zoe") == ["bobby"]
    assert await _found(bob) == ["ann", "bobby"]  # they find others as before
    await _set(bob, findable=True)
    assert await _found(ann) == ["bob", "bobby"]
    assert await _found(ann, "zoe") == ["bob", "bobby"]


async def test_programs_know_them_by_name_so_that_a_thread_or_the_exact_name_still_leads_there(
    auth: Driver,
) -> None:
    bob = await auth.sign_up("bob")
    await _set(bob, findable=False)
    answer = await auth.as_program("POST", "/internal/users/by-name", ProfilesByName(["bob"]), "threads")
    assert [profile.user for profile in answer.of(Profiles).profiles] == [bob.id]
    ended = await auth.as_program("GET", "/internal/sessions/ended", program="relay")
    assert ended.of(EndedSessions).seeing == []  # whether somebody is findable is told to nobody


async def test_of_many_who_are_not_findable_a_page_reads_none(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    async with auth.db.connection() as conn:
        await conn.execute(
            "INSERT INTO users (username, display_name, name_folded, password, findable)"
            " SELECT 'user' || n, 'Somebody', 'somebody', '!', n = 3000 FROM generate_series(1, 3000) AS n"
        )
        await conn.execute("ANALYZE users")
        plan = await conn.fetch(
            "EXPLAIN (ANALYZE, FORMAT TEXT) SELECT id FROM users"
            " WHERE username > 'user1' AND username < 'user~' AND findable ORDER BY username LIMIT 201"
        )
    assert "users_findable" in str(plan)
    assert "Removed" not in str(plan)
    assert await _found(ann, "user") == ["user3000"]
    assert await _found(ann, "some") == ["user3000"]
