"""Changing the password: which sessions stay, which end, and what a wrong password is answered with."""

import asyncio

import pytest

from services.auth.queries import devices
from services.auth.tests.driver import OTHER_PASSWORD, PASSWORD, Driver, Person
from services.auth.tokens import digest
from shared.wire.accounts import EndedSessions, LoggedIn
from shared.wire.http import Sessions


async def test_a_change_ends_all_sessions_and_opens_a_new_one_for_who_made_it(auth: Driver) -> None:
    """Also the caller's own: its cookie may have been copied, and the copy must be worth nothing."""
    ann, elsewhere, bob = await auth.sign_up("ann"), await auth.log_in("ann"), await auth.sign_up("bob")
    answer = await ann.change_password()
    assert answer.status == 200
    renewed = Person(auth, answer.of(LoggedIn))
    everyone = (renewed, ann, elsewhere, bob)
    assert [await person.lives() for person in everyone] == [True, False, False, True]
    assert (renewed.id, renewed.username) == (ann.id, "ann")
    assert (await auth.try_log_in("ann", PASSWORD)).status == 401
    assert (await auth.try_log_in("ann", OTHER_PASSWORD)).status == 200
    ended = (await auth.as_program("GET", "/internal/sessions/ended")).of(EndedSessions).sessions
    assert set(ended) == {ann.session, elsewhere.session}


async def test_the_new_session_is_listed_as_the_same_browser_s(auth: Driver) -> None:
    ann = await auth.sign_up("ann", user_agent="A browser/1.0")
    renewed = Person(auth, (await ann.change_password()).of(LoggedIn))
    (listed,) = (await renewed.ask("GET", "/api/sessions")).of(Sessions).sessions
    assert (listed.id, listed.current, listed.user_agent) == (renewed.session, True, "A browser/1.0")


async def test_a_change_forgets_every_device_but_the_new_token_of_this_one(auth: Driver) -> None:
    ann, elsewhere = await auth.sign_up("ann"), await auth.log_in("ann")
    renewed = (await ann.change_password()).of(LoggedIn)
    tokens = (ann.login.device, elsewhere.login.device, renewed.device)
    async with auth.db.connection() as conn:
        known = [await devices.is_known(conn, "ann", digest(token)) for token in tokens]
    assert known == [False, False, True]


async def test_a_wrong_current_password_is_a_403_and_changes_nothing(auth: Driver) -> None:
    ann, elsewhere = await auth.sign_up("ann"), await auth.log_in("ann")
    answer = await ann.change_password(OTHER_PASSWORD)
    assert (answer.status, answer.problem.code, answer.pointers) == (403, "wrong-password", ["/current"])
    assert [await ann.lives(), await elsewhere.lives()] == [True, True]
    assert (await auth.try_log_in("ann", PASSWORD)).status == 200


@pytest.mark.parametrize("new", ["short", "x" * 257, "password123", "annie-annie", "violet \x00 teapot"])
async def test_an_unusable_new_password_is_named_in_a_422(auth: Driver, new: str) -> None:
    annie = await auth.sign_up("annie")
    answer = await annie.change_password(new=new)
    assert (answer.status, answer.pointers) == (422, ["/new"])
    assert (await auth.try_log_in("annie", PASSWORD)).status == 200


async def test_an_ended_session_changes_nothing(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    await ann.ask("DELETE", "/api/session")
    assert (await ann.change_password()).status == 401
    assert (await auth.try_log_in("ann", PASSWORD)).status == 200


async def test_of_two_racing_changes_one_wins_and_one_session_is_left(auth: Driver) -> None:
    first, second = await auth.sign_up("ann"), await auth.log_in("ann")
    answers = await asyncio.gather(first.change_password(), second.change_password(new="seven loud parrots"))
    assert sorted(answer.status for answer in answers) == [200, 403]
    (won,) = (answer for answer in answers if answer.status == 200)
    people = (Person(auth, won.of(LoggedIn)), first, second)
    assert [await person.lives() for person in people] == [True, False, False]


async def test_guessing_the_current_password_is_throttled(limited_auth: Driver) -> None:
    ann = await limited_auth.sign_up("ann")
    statuses = [(await ann.change_password("a wrong guess")).status for _ in range(11)]
    assert statuses == [403] * 10 + [429]


async def test_from_many_addresses_it_is_throttled_too(limited_auth: Driver) -> None:
    ann = await limited_auth.sign_up("ann")
    addresses = [f"198.51.100.{number}" for number in range(31)]
    statuses = [
        (await ann.change_password("a wrong guess", device="none", address=address)).status
        for address in addresses
    ]
    assert statuses == [403] * 30 + [429]


@pytest.mark.parametrize("difference", ["session", "device", "address"])
async def test_the_wrong_tries_of_a_thief_do_not_keep_the_owner_from_changing_it(
    limited_auth: Driver, difference: str
) -> None:
    """Whatever he has copied: he is elsewhere, or lacks the device's cookie, or came in by himself."""
    owner = await limited_auth.sign_up("ann")
    thief = await limited_auth.log_in("ann") if difference == "session" else owner
    device = "" if difference == "address" else "none"
    address = "198.51.100.1" if difference == "address" else "203.0.113.7"
    for _ in range(11):
        refused = await thief.change_password("a wrong guess", device=device, address=address)
    assert refused.status == 429
    assert (await owner.change_password()).status == 200
