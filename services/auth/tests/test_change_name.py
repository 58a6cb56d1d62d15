"""Changing the display name: the username stays, and so does everything that was tied to it."""

import pytest

from services.auth.tests.driver import Answer, Driver, Person
from shared.wire.accounts import Profiles, ProfilesById
from shared.wire.http import Me, Users


async def _rename(person: Person, name: str) -> Answer:
    return await person.ask("PUT", "/api/profile", {"display_name": name})


async def test_the_new_name_is_the_one_that_everybody_gets(auth: Driver) -> None:
    ann, bob = await auth.sign_up("ann", display_name="Old Name"), await auth.sign_up("bob")
    assert (await _rename(ann, "  Ann Lee ")).of(Me) == Me("ann", "Ann Lee")
    assert (await ann.ask("GET", "/api/session")).of(Me) == Me("ann", "Ann Lee")
    info = await auth.check(ann.login.token)
    assert info is not None
    assert info.display_name == "Ann Lee"
    answer = await auth.as_program("POST", "/internal/users/by-id", ProfilesById([ann.id]), "threads")
    assert [profile.display_name for profile in answer.of(Profiles).profiles] == ["Ann Lee"]
    for query, found in (("ann%20l", ["ann"]), ("old", []), ("ann", ["ann"])):
        users: Users = (await bob.ask("GET", f"/api/users?query={query}")).of(Users)
        assert [user.username for user in users.users] == found, query


@pytest.mark.parametrize(
    "name", ["", "  ", "x" * 65, "a\u202eb", "a\x00b", "Tic-tac-toe AI", "T1c tac toe AI"]
)
async def test_what_cannot_be_a_name_at_sign_up_cannot_become_one(auth: Driver, name: str) -> None:
    ann = await auth.sign_up("ann", display_name="Ann")
    assert (await _rename(ann, name)).pointers == ["/display_name"]
    assert (await ann.ask("GET", "/api/session")).of(Me) == Me("ann", "Ann")


async def test_a_person_changes_it_twenty_times_an_hour(limited_auth: Driver) -> None:
    ann = await limited_auth.sign_up("ann")
    statuses = [(await _rename(ann, f"Ann {n}")).status for n in range(21)]
    assert statuses == [200] * 20 + [429]
