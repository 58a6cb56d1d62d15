"""Logging in: always a new session, and nothing that tells whether a name exists."""

import asyncio
from statistics import median
from time import perf_counter

import pytest
from argon2 import PasswordHasher

from services.auth.tests.driver import OTHER_PASSWORD, PASSWORD, Driver, until_someone_waits


async def test_each_log_in_has_a_new_session(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    again = await auth.log_in("ann")
    assert again.login.token != ann.login.token
    assert again.session != ann.session
    assert await ann.lives()


async def test_the_session_presented_is_rotated_out(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    again = await auth.log_in("ann", presented=ann.login.token)
    assert not await ann.lives()
    assert await again.lives()


async def test_a_session_of_somebody_else_ends_too_when_presented(auth: Driver) -> None:
    ann, _ = await auth.sign_up("ann"), await auth.sign_up("bob")
    await auth.log_in("bob", presented=ann.login.token)
    assert not await ann.lives()


async def test_a_token_of_the_caller_s_choice_is_never_taken(auth: Driver) -> None:
    await auth.sign_up("ann")
    planted = "A" * 43
    ann = await auth.log_in("ann", presented=planted, device=planted)
    assert ann.login.token != planted
    assert ann.login.device != planted
    assert await auth.check(planted) is None


async def test_a_refused_log_in_ends_nothing(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    assert (await auth.try_log_in("ann", OTHER_PASSWORD, presented=ann.login.token)).status == 401
    assert await ann.lives()


@pytest.mark.parametrize("typed", ["@ann", "@Ann", " @ann ", "＠ann", "ann "])
async def test_a_name_may_be_typed_as_it_is_shown(auth: Driver, typed: str) -> None:
    await auth.sign_up("ann")
    assert (await auth.try_log_in(typed)).status == 200


async def test_unknown_name_and_wrong_password_get_the_same_answer(auth: Driver) -> None:
    await auth.sign_up("ann")
    answers = [
        await auth.try_log_in(name, OTHER_PASSWORD) for name in ("ann", "nobody", "No Such Name", "x\x00", "")
    ]
    assert {(answer.status, answer.body) for answer in answers} == {(401, answers[0].body)}
    assert answers[0].problem.code == "wrong-credentials"


@pytest.mark.usefixtures("real_hashes")
async def test_unknown_name_and_wrong_password_take_the_same_time(auth: Driver) -> None:
    await auth.sign_up("ann")

    async def timed(name: str) -> float:
        started = perf_counter()
        assert (await auth.try_log_in(name, OTHER_PASSWORD)).status == 401
        return perf_counter() - started

    await timed("ann")
    pairs = [(await timed("ann"), await timed(f"nobody{number}")) for number in range(15)]
    known, unknown = (median(times) for times in zip(*pairs, strict=True))
    # Without the dummy hash the unknown one takes a tenth.
    assert 0.6 < known / unknown < 1.7


async def test_a_password_is_the_same_in_either_composition(auth: Driver) -> None:
    await auth.sign_up("ann", password="crème brûlée at noon")
    decomposed = "cre\u0300me bru\u0302le\u0301e at noon"
    assert (await auth.try_log_in("ann", decomposed)).status == 200


@pytest.mark.usefixtures("real_hashes")
async def test_a_hash_of_older_parameters_is_renewed_at_log_in(auth: Driver) -> None:
    await auth.sign_up("ann")
    older = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    async with auth.db.connection() as conn:
        await conn.execute("UPDATE users SET password = $1", older)
        await auth.try_log_in("ann", OTHER_PASSWORD)
        assert await conn.fetchval("SELECT password FROM users") == older
        ann = await auth.log_in("ann")
        assert "m=19456,t=2,p=1" in await conn.fetchval("SELECT password FROM users")
    checked = await auth.check(ann.login.token)
    assert checked is not None and checked.session == ann.session  # noqa: PT018
    assert (await auth.log_in("ann")).id == ann.id


async def test_a_log_in_with_the_old_password_cannot_outlive_its_change(auth: Driver) -> None:
    """Held between its check and its session, as by a slow database, it finds another hash and is refused."""
    await auth.sign_up("ann")
    async with auth.db.transaction() as conn:
        await conn.execute("UPDATE users SET password = 'changed'")
        late = asyncio.create_task(auth.try_log_in("ann"))
        await until_someone_waits(auth.db)
    assert (await late).status == 401


async def test_a_user_agent_is_kept_printable_and_short(auth: Driver) -> None:
    await auth.sign_up("ann")
    ann = await auth.log_in("ann", user_agent="Fire\x00fox\n" + "x" * 1000)
    sessions = (await ann.ask("GET", "/api/sessions")).body
    assert b'"Fire fox ' in sessions
    assert len(sessions) < 1000


@pytest.mark.parametrize("field", ["username", "password", "address"])
async def test_a_missing_field_is_named(auth: Driver, field: str) -> None:
    body = {"username": "ann", "password": PASSWORD, "address": "::1"}
    del body[field]
    answer = await auth.as_program("POST", "/internal/login", body)
    assert (answer.status, answer.pointers) == (422, [f"/{field}"])
