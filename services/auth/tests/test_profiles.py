"""Names and ids for the other programs, and when somebody was last seen."""

import asyncio
from datetime import UTC, datetime, timedelta

from services.auth.tests.driver import Answer, Driver
from shared.wire.accounts import Profile, Profiles, ProfilesById, ProfilesByName, Seen


async def _by_name(auth: Driver, *usernames: str) -> Answer:
    return await auth.as_program(
        "POST", "/internal/users/by-name", ProfilesByName(list(usernames)), "threads"
    )


async def _by_id(auth: Driver, *users: int) -> Answer:
    return await auth.as_program("POST", "/internal/users/by-id", ProfilesById(list(users)), "threads")


async def _seen(auth: Driver, *users: int) -> Answer:
    return await auth.as_program("POST", "/internal/users/seen", Seen(list(users)), "relay")


async def test_names_become_profiles_and_unknown_ones_are_left_out(auth: Driver) -> None:
    ann, bob = await auth.sign_up("ann", display_name="Ann"), await auth.sign_up("bob")
    found = (await _by_name(auth, "ANN", "nobody", "bob", "no name", "x\x00", "%")).of(Profiles).profiles
    assert sorted(found, key=lambda profile: profile.user) == [
        Profile(ann.id, "ann", "Ann", None),
        Profile(bob.id, "bob", "bob", None),
    ]


async def test_ids_become_profiles_and_unknown_ones_are_left_out(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    found = (await _by_id(auth, ann.id, ann.id, 0, -1, 999_999, 2**63, 10**30)).of(Profiles).profiles
    assert found == [Profile(ann.id, "ann", "ann", None)]


async def test_nobody_is_found_for_no_names(auth: Driver) -> None:
    assert (await _by_name(auth)).of(Profiles) == Profiles([])
    assert (await _by_id(auth)).of(Profiles) == Profiles([])


async def test_more_than_may_be_asked_for_is_a_422(auth: Driver) -> None:
    assert (await _by_name(auth, *["ann"] * 256)).status == 200
    assert (await _by_name(auth, *["ann"] * 257)).pointers == ["/usernames"]
    assert (await _by_id(auth, *range(1000))).status == 200
    assert (await _by_id(auth, *range(1001))).pointers == ["/users"]
    assert (await _seen(auth, *range(1001))).pointers == ["/users"]


async def test_who_was_connected_has_a_last_seen(auth: Driver) -> None:
    ann, bob = await auth.sign_up("ann"), await auth.sign_up("bob")
    assert (await _seen(auth, ann.id, 0, 999_999, 2**63)).status == 204
    profiles = {p.username: p.last_seen for p in (await _by_id(auth, ann.id, bob.id)).of(Profiles).profiles}
    assert profiles["bob"] is None
    assert abs(profiles["ann"] - datetime.now(UTC)) < timedelta(minutes=1)
    listed = (await bob.ask("GET", "/api/users")).body
    assert b'"online":false,"last_seen":"20' in listed


async def test_relays_that_name_the_same_people_do_not_deadlock(auth: Driver) -> None:
    people = [(await auth.sign_up(f"user{n}")).id for n in range(8)]
    answers = await asyncio.gather(
        *(_seen(auth, *(people if n % 2 else reversed(people))) for n in range(24))
    )
    assert {answer.status for answer in answers} == {204}
