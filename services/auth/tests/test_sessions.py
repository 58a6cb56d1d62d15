"""Sessions: how long they live, who may end which, and that none comes back."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.auth.queries import sessions as queries
from services.auth.tests.driver import Driver, until_someone_waits
from services.auth.tokens import digest
from shared.wire.accounts import CheckedSessions, EndedSessions
from shared.wire.http import Me, Sessions


async def _ended(auth: Driver, program: str = "relay") -> set[object]:
    answer = await auth.as_program("GET", "/internal/sessions/ended", program=program)
    return set(answer.of(EndedSessions).sessions)


async def test_who_am_i(auth: Driver) -> None:
    ann = await auth.sign_up("ann", display_name="Ann")
    assert (await ann.ask("GET", "/api/session")).of(Me) == Me("ann", "Ann")


async def test_log_out_ends_the_session_and_lists_it(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    elsewhere = await auth.log_in("ann")
    answer = await ann.ask("DELETE", "/api/session")
    assert (answer.status, answer.body) == (204, b"")
    assert not await ann.lives()
    assert await elsewhere.lives()
    assert await _ended(auth) == {ann.session}
    assert await _ended(auth, "gateway") == {ann.session}


async def test_a_user_token_that_outlives_its_session_is_a_401(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    await ann.ask("DELETE", "/api/session")
    assert (await ann.ask("GET", "/api/session")).status == 401
    assert (await ann.ask("DELETE", "/api/session")).status == 204


async def test_my_sessions_tell_which_is_this_one(auth: Driver) -> None:
    first = await auth.sign_up("ann", user_agent="Firefox")
    second = await auth.log_in("ann", user_agent="Chromium")
    await auth.sign_up("bob")
    listed = (await second.ask("GET", "/api/sessions")).of(Sessions).sessions
    assert [(item.id, item.current, item.user_agent) for item in listed] == [
        (second.session, True, "Chromium"),
        (first.session, False, "Firefox"),
    ]
    for item in listed:
        assert abs(item.created_at - datetime.now(UTC)) < timedelta(minutes=1)
        assert item.last_used_at == item.created_at


async def test_one_session_can_be_ended_from_another(auth: Driver) -> None:
    ann, elsewhere = await auth.sign_up("ann"), await auth.log_in("ann")
    assert (await ann.ask("DELETE", f"/api/sessions/{elsewhere.session}")).status == 204
    assert not await elsewhere.lives()
    assert await _ended(auth) == {elsewhere.session}
    assert (await ann.ask("DELETE", f"/api/sessions/{elsewhere.session}")).status == 404


async def test_sessions_of_others_and_what_is_no_session_are_a_404(auth: Driver) -> None:
    ann, bob = await auth.sign_up("ann"), await auth.sign_up("bob")
    for session in (bob.session, uuid4(), "me", "%00", "'or'1'='1"):
        answer = await ann.ask("DELETE", f"/api/sessions/{session}")
        assert (answer.status, answer.problem.code) == (404, "not-found")
    assert await bob.lives()


async def test_all_other_sessions_can_be_ended(auth: Driver) -> None:
    ann, bob = await auth.sign_up("ann"), await auth.sign_up("bob")
    others = [await auth.log_in("ann") for _ in range(3)]
    assert (await ann.ask("DELETE", "/api/sessions")).status == 204
    assert [await person.lives() for person in (ann, bob, *others)] == [True, True, False, False, False]
    assert await _ended(auth) == {person.session for person in others}


async def test_the_session_that_a_log_in_replaces_is_listed_as_ended(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    await auth.log_in("ann", presented=ann.login.token)
    assert await _ended(auth) == {ann.session}


async def test_the_ended_are_listed_for_ninety_seconds(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    await ann.ask("DELETE", "/api/session")
    await auth.shift(ann.session, "ended_at", "80 seconds")
    assert await _ended(auth) == {ann.session}
    await auth.shift(ann.session, "ended_at", "11 seconds")
    assert await _ended(auth) == set()


@pytest.mark.parametrize(
    ("column", "alive", "dead"),
    [("last_used_at", "13 days 23 hours", "14 days"), ("created_at", "89 days 23 hours", "90 days")],
)
async def test_sessions_expire(auth: Driver, column: str, alive: str, dead: str) -> None:
    kept, gone = await auth.sign_up("ann"), await auth.log_in("ann")
    await auth.shift(kept.session, column, alive)
    await auth.shift(gone.session, column, dead)
    assert await kept.lives()
    assert not await gone.lives()
    assert (await kept.ask("DELETE", f"/api/sessions/{gone.session}")).status == 404
    listed = (await kept.ask("GET", "/api/sessions")).of(Sessions).sessions
    assert [item.id for item in listed] == [kept.session]


async def test_use_renews_a_session_at_most_once_a_minute(auth: Driver) -> None:
    ann = await auth.sign_up("ann")

    async def last_used() -> datetime:
        async with auth.db.connection() as conn:
            moment: datetime = await conn.fetchval("SELECT last_used_at FROM sessions")
            return moment

    await auth.shift(ann.session, "last_used_at", "50 seconds")
    before = await last_used()
    assert await ann.lives()
    assert await last_used() == before
    await auth.shift(ann.session, "last_used_at", "13 days")
    assert await ann.lives()
    assert await last_used() > before


async def test_a_slow_check_never_revives_a_session(auth: Driver) -> None:
    """The check has found the session live and stale; the log-out commits before its renewal."""
    ann = await auth.sign_up("ann")
    await auth.shift(ann.session, "last_used_at", "1 hour")
    async with auth.db.connection() as conn:
        async with auth.db.transaction() as logging_out:
            await logging_out.execute("UPDATE sessions SET ended_at = now()")
            check = asyncio.create_task(queries.use(conn, [digest(ann.login.token)]))
            await until_someone_waits(auth.db)
        await check
    assert not await ann.lives()
    async with auth.db.connection() as conn:
        assert await conn.fetchval("SELECT ended_at IS NOT NULL AND last_used_at < ended_at FROM sessions")


async def test_of_more_than_a_hundred_sessions_the_least_used_end(auth: Driver) -> None:
    first = await auth.sign_up("ann")
    await auth.shift(first.session, "last_used_at", "1 hour")
    second = await auth.log_in("ann")
    async with auth.db.connection() as conn:
        for number in range(98):
            await queries.open(conn, digest(str(number)), first.id, digest("device"), "")
        assert await first.lives()
        await auth.shift(first.session, "last_used_at", "1 hour")
        await queries.open(conn, digest("one more"), first.id, digest("device"), "")
    assert not await first.lives()
    assert await second.lives()
    assert len((await second.ask("GET", "/api/sessions")).of(Sessions).sessions) == 100


async def test_odd_tokens_are_nobodys_and_harm_no_others(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    odd = ("", "x", "\x00", "' or true --", "é" * 1000)
    found = (await auth.ask_for(*odd, ann.login.token, *odd, ann.login.token)).of(CheckedSessions).sessions
    assert [info and info.username for info in found] == [*[None] * 5, "ann", *[None] * 5, "ann"]


async def test_at_most_256_tokens_are_checked_at_once(auth: Driver) -> None:
    assert (await auth.ask_for(*["x"] * 256)).status == 200
    assert (await auth.ask_for(*["x"] * 257)).status == 422
