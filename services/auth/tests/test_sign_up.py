"""Accounts: what they may be called, and who gets a name that two people want."""

import asyncio
from base64 import urlsafe_b64decode

import pytest

from services.auth.tests.driver import PASSWORD, Driver
from shared.wire.accounts import LoggedIn


async def test_a_new_account_is_logged_in(auth: Driver) -> None:
    ann = await auth.sign_up("ann", display_name="Ann Lee")
    assert await auth.check(ann.login.token) == ann.login.info
    assert (ann.login.info.username, ann.login.info.display_name) == ("ann", "Ann Lee")


async def test_the_name_is_folded_and_shown_as_typed(auth: Driver) -> None:
    ann = await auth.sign_up("AnnLee")
    assert (ann.username, ann.login.info.display_name) == ("annlee", "AnnLee")
    assert (await auth.log_in("ANNLEE")).id == ann.id


async def test_a_taken_name_is_a_409_in_any_case(auth: Driver) -> None:
    await auth.sign_up("ann")
    answer = await auth.try_sign_up("Ann")
    assert (answer.status, answer.problem.code, answer.problem.detail) == (
        409,
        "taken",
        "That name is taken.",
    )
    assert answer.pointers == ["/username"]


async def test_of_two_racing_sign_ups_one_wins(auth: Driver) -> None:
    answers = await asyncio.gather(*(auth.try_sign_up("ann") for _ in range(6)))
    assert sorted(answer.status for answer in answers) == [201, *[409] * 5]
    winner = next(answer for answer in answers if answer.status == 201).of(LoggedIn)
    assert await auth.check(winner.token) is not None
    async with auth.db.connection() as conn:
        assert await conn.fetchval("SELECT count(*) FROM users") == 1
        assert await conn.fetchval("SELECT count(*) FROM sessions") == 1


async def test_an_impossible_name_is_named_in_a_422(auth: Driver) -> None:
    for username in ("ab", "x" * 33, "-ann", ".ann", "an n", "änn", "ann\n", "\u212aelvin", "ann\x00", ""):
        answer = await auth.try_sign_up(username)
        assert (answer.status, answer.pointers) == (422, ["/username"])


async def test_an_impossible_display_name_is_named_in_a_422(auth: Driver) -> None:
    for display_name in ("", "  ", "x" * 65, "a\u202eb", "a\x07b", "a\u2028b", "a\x00b"):
        answer = await auth.try_sign_up("ann", display_name=display_name)
        assert (answer.status, answer.pointers) == (422, ["/display_name"])


async def test_an_unusable_password_is_named_in_a_422(auth: Driver) -> None:
    for password in ("short", "nine char", "x" * 257, "password123", "ann-ann-ann", "violet\x00teapot rides"):
        answer = await auth.try_sign_up("ann", password)
        assert (answer.status, answer.pointers) == (422, ["/password"])


async def test_a_lone_surrogate_is_named_in_a_422(auth: Driver) -> None:
    body = rb'{"username":"ann","password":"violet \ud800 teapot","display_name":null,"address":"::1"}'
    headers = {"Content-Type": "application/json", **auth.tokens.program("gateway")}
    async with auth.client.post("/internal/accounts", data=body, headers=headers) as response:
        assert response.status == 422
        assert b'"pointer":"/password"' in await response.read()


async def test_a_refused_sign_up_leaves_nothing(auth: Driver) -> None:
    await auth.try_sign_up("ann", "password123")
    assert (await auth.try_sign_up("ann", PASSWORD)).status == 201


async def test_a_password_may_be_256_emoji(auth: Driver) -> None:
    password = "🫖🚋" * 128
    await auth.sign_up("ann", password=password)
    assert (await auth.try_log_in("ann", password)).status == 200
    assert (await auth.try_log_in("ann", password[:-1])).status == 401


@pytest.mark.usefixtures("real_hashes")
async def test_neither_password_nor_token_is_stored(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    async with auth.db.connection() as conn:
        tables = [await conn.fetch(f"SELECT * FROM {table}") for table in ("users", "sessions", "devices")]  # noqa: S608
    rows = [str(dict(row)) for table in tables for row in table]
    for secret in (PASSWORD, ann.login.token, ann.login.device):
        assert not any(secret in row for row in rows)
    assert any("$argon2id$v=19$m=19456,t=2,p=1$" in row for row in rows)


async def test_a_session_token_has_256_bits(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    assert len(urlsafe_b64decode(ann.login.token + "=")) == 32
