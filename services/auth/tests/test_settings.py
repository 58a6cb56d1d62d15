"""What somebody lets others see: kept by auth, changed by its owner alone."""

import pytest

from services.auth.tests.driver import Driver, Person
from shared.plumbing.redis.client import redis
from shared.plumbing.redis.directory import Membership
from shared.wire.accounts import EndedSessions, Profile, Profiles, ProfilesById, ProfilesByName, Seeing, Seen
from shared.wire.http import Settings, Users


async def _settings(person: Person) -> Settings:
    found: Settings = (await person.ask("GET", "/api/settings")).of(Settings)
    return found


async def test_at_first_everything_is_shown(auth: Driver) -> None:
    assert await _settings(await auth.sign_up("ann")) == Settings(
        True, True, True, findable=True, link_previews=True
    )


async def test_what_is_left_out_of_a_change_stays(auth: Driver) -> None:
    ann, bob = await auth.sign_up("ann"), await auth.sign_up("bob")
    for change, then in (
        ({"typing": False}, Settings(True, False, True, findable=True, link_previews=True)),
        (
            {"read_receipts": False, "last_seen": False},
            Settings(False, False, False, findable=True, link_previews=True),
        ),
        ({}, Settings(False, False, False, findable=True, link_previews=True)),
        (
            {"last_seen": True, "typing": False},
            Settings(False, False, True, findable=True, link_previews=True),
        ),
    ):
        assert (await ann.ask("PATCH", "/api/settings", change)).of(Settings) == then
        assert await _settings(ann) == then
    assert await _settings(bob) == Settings(True, True, True, findable=True, link_previews=True)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"typing": None}, "/typing"),
        ({"typing": "off"}, "/typing"),
        ({"last_seen": 0}, "/last_seen"),
        ({"username": "bob"}, "/username"),
    ],
)
async def test_anything_else_than_on_and_off_is_a_422(auth: Driver, body: object, pointer: str) -> None:
    ann = await auth.sign_up("ann")
    assert (await ann.ask("PATCH", "/api/settings", body)).pointers == [pointer]
    assert await _settings(ann) == Settings(True, True, True, findable=True, link_previews=True)


async def test_link_previews_are_told_to_programs_and_to_nobody_else(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    await ann.ask("PATCH", "/api/settings", {"link_previews": False})
    assert not (await _settings(ann)).link_previews
    answer = await auth.as_program("POST", "/internal/users/by-id", ProfilesById([ann.id]), "notify")
    assert [profile.link_previews for profile in answer.of(Profiles).profiles] == [False]
    ended = await auth.as_program("GET", "/internal/sessions/ended", program="relay")
    assert ended.of(EndedSessions).seeing == []


async def _told(asker: Person) -> dict[str, tuple[bool, bool]]:
    """Of each in the user list: whether they are online, and whether it is said when they were here."""
    users: Users = (await asker.ask("GET", "/api/users")).of(Users)
    return {user.username: (user.online, user.last_seen is not None) for user in users.users}


async def test_who_is_here_is_told_to_those_who_show_it_of_those_who_do(
    auth: Driver, clean_redis_url: str
) -> None:
    ann, bob, eve = [await auth.sign_up(name) for name in ("ann", "bob", "eve")]
    await auth.as_program("POST", "/internal/users/seen", Seen([ann.id, bob.id, eve.id]), "relay")
    async with redis(clean_redis_url) as opened:
        node = Membership(opened, "relay-1")
        await node.renew()
        await node.join(ann.id, bob.id, eve.id)
        shown, hidden = (True, True), (False, False)
        assert await _told(ann) == {"bob": shown, "eve": shown}
        await bob.ask("PATCH", "/api/settings", {"last_seen": False})
        assert await _told(ann) == {"bob": hidden, "eve": shown}
        assert await _told(bob) == {"ann": hidden, "eve": hidden}
        await bob.ask("PATCH", "/api/settings", {"last_seen": True, "typing": False, "read_receipts": False})
        assert await _told(ann) == {"bob": shown, "eve": shown}


async def test_no_program_learns_when_somebody_was_here_who_does_not_show_it(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    await auth.as_program("POST", "/internal/users/seen", Seen([ann.id]), "relay")
    await ann.ask("PATCH", "/api/settings", {"last_seen": False, "typing": False})
    for path, asked in (("by-id", ProfilesById([ann.id])), ("by-name", ProfilesByName(["ann"]))):
        answer = await auth.as_program("POST", f"/internal/users/{path}", asked, "threads")
        [profile] = answer.of(Profiles).profiles
        assert profile == Profile(ann.id, "ann", "ann", None, Seeing(typing=False, last_seen=False))


async def test_relays_hear_who_changed_something_lately(auth: Driver) -> None:
    ann, bob = await auth.sign_up("ann"), await auth.sign_up("bob")
    await bob.ask("PATCH", "/api/settings", {"typing": True})  # as it was
    await ann.ask("PATCH", "/api/settings", {"typing": False})

    async def heard() -> list[tuple[int, Seeing]]:
        answer = await auth.as_program("GET", "/internal/sessions/ended", program="relay")
        ended: EndedSessions = answer.of(EndedSessions)
        return ended.seeing

    assert await heard() == [(ann.id, Seeing(typing=False))]
    async with auth.db.connection() as conn:
        await conn.execute("UPDATE users SET settings_at = settings_at - interval '91 seconds'")
    assert await heard() == []
