"""Changing the password: who stays, who goes, and what a wrong one says."""

import asyncio

import pytest

from services.auth.tests.driver import OTHER_PASSWORD, PASSWORD, Answer, Driver, Person
from shared.wire.accounts import EndedSessions


async def _change(person: Person, current: str = PASSWORD, new: str = OTHER_PASSWORD) -> Answer:
    return await person.ask("PUT", "/api/password", {"current": current, "new": new})


async def test_a_change_keeps_this_session_and_ends_all_others(auth: Driver) -> None:
    ann, elsewhere, bob = await auth.sign_up("ann"), await auth.log_in("ann"), await auth.sign_up("bob")
    answer = await _change(ann)
    assert (answer.status, answer.body) == (204, b"")
    assert [await person.lives() for person in (ann, elsewhere, bob)] == [True, False, True]
    assert (await auth.try_log_in("ann", PASSWORD)).status == 401
    assert (await auth.try_log_in("ann", OTHER_PASSWORD)).status == 200
    ended = (await auth.as_program("GET", "/internal/sessions/ended")).of(EndedSessions).sessions
    assert ended == [elsewhere.session]


async def test_a_wrong_current_password_is_a_403_and_changes_nothing(auth: Driver) -> None:
    ann, elsewhere = await auth.sign_up("ann"), await auth.log_in("ann")
    answer = await _change(ann, current=OTHER_PASSWORD)
    assert (answer.status, answer.problem.code, answer.pointers) == (403, "wrong-password", ["/current"])
    assert await elsewhere.lives()
    assert (await auth.try_log_in("ann", PASSWORD)).status == 200


@pytest.mark.parametrize("new", ["short", "x" * 257, "password123", "annie-annie", "violet \x00 teapot"])
async def test_an_unusable_new_password_is_named_in_a_422(auth: Driver, new: str) -> None:
    annie = await auth.sign_up("annie")
    answer = await _change(annie, new=new)
    assert (answer.status, answer.pointers) == (422, ["/new"])
    assert (await auth.try_log_in("annie", PASSWORD)).status == 200


async def test_an_unknown_field_is_named_in_a_422(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    body = {"current": PASSWORD, "new": OTHER_PASSWORD, "user": "bob"}
    answer = await ann.ask("PUT", "/api/password", body)
    assert (answer.status, answer.pointers) == (422, ["/user"])


async def test_an_ended_session_changes_nothing(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    await ann.ask("DELETE", "/api/session")
    assert (await _change(ann)).status == 401
    assert (await auth.try_log_in("ann", PASSWORD)).status == 200


async def test_of_two_racing_changes_one_wins_and_one_session_is_left(auth: Driver) -> None:
    first, second = await auth.sign_up("ann"), await auth.log_in("ann")
    answers = await asyncio.gather(_change(first), _change(second, new="seven loud parrots"))
    assert sorted(answer.status for answer in answers) == [204, 403]
    assert [await first.lives(), await second.lives()] == [answer.status == 204 for answer in answers]


async def test_guessing_the_current_password_is_throttled(limited_auth: Driver) -> None:
    ann = await limited_auth.sign_up("ann")
    statuses = [(await _change(ann, current="a wrong guess")).status for _ in range(11)]
    assert statuses == [403] * 10 + [429]
