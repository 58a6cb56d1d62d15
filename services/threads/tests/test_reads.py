"""Read positions over HTTP, heads and names for relays, the log id, and health."""

import asyncio

import asyncpg
import pytest

from services.threads.config import Config
from services.threads.renewal import renew_log
from services.threads.tests.driver import Service, Start, User, item
from services.threads.tests.fake_auth import LAST_SEEN, FakeAuth
from services.threads.tests.test_feed import next_heads
from shared.version import VERSION
from shared.wire.link import Beat
from shared.wire.log_calls import HeadsAnswer, HeadsOf, Latest, Resolve, Resolved, ResolvedThreads


async def read_and_peer_read(threads: Service, user: User) -> tuple[int, int]:
    _, answer = await threads.as_user(user, "GET", "/api/threads")
    [only] = answer["threads"]
    return only["read"], only["peer_read"]


async def test_a_read_position_is_monotone_and_clamped_to_the_head(
    threads: Service, ann: User, bob: User
) -> None:
    await threads.say(bob, ann, "1", "2", "3")
    seen = []
    for seq in (2, 1, 0, 3, 2**63 - 1, 1):
        assert (await threads.as_user(ann, "PUT", "/api/threads/bob/read", {"seq": seq}))[0] == 204
        seen.append(await read_and_peer_read(threads, ann))
    assert seen == [(2, 0), (2, 0), (2, 0), (3, 0), (3, 0), (3, 0)]
    assert await read_and_peer_read(threads, bob) == (0, 3)


@pytest.mark.parametrize(
    ("peer", "body", "status"),
    [
        ("bob", {"seq": 1}, 204),
        ("ann", {"seq": 1}, 404),
        ("nobody", {"seq": 1}, 404),
        ("bob", {"seq": -1}, 422),
        ("bob", {"seq": "1"}, 422),
        ("bob", {}, 422),
    ],
)
async def test_a_read_is_taken_or_refused(
    threads: Service, ann: User, bob: User, peer: str, body: dict[str, object], status: int
) -> None:
    assert (await threads.as_user(ann, "PUT", f"/api/threads/{peer}/read", body))[0] == status


async def test_heads_hold_all_threads_and_the_latest_with_their_people(
    threads: Service, ann: User, bob: User, eve: User
) -> None:
    await threads.say(ann, bob, "1", "2")
    await threads.say(eve, ann, "1")
    await threads.as_user(ann, "PUT", "/api/threads/bob/read", {"seq": 2})
    answer = await threads.as_relay("/internal/heads", HeadsOf([ann.id, bob.id, 999]), HeadsAnswer)
    of_ann, of_bob, of_nobody = answer.users
    with_bob, with_eve = sorted(of_ann.heads, key=lambda head: head.high)
    assert [(one.low, one.high, one.head) for one in (with_bob, with_eve)] == [(11, 12, 2), (11, 13, 1)]
    assert of_ann.latest == [
        Latest(with_eve.thread, eve.id, "eve", "Eve", LAST_SEEN, 1, 0, 0, here=True),
        Latest(with_bob.thread, bob.id, "bob", "Bob", LAST_SEEN, 2, 2, 0, delivered=2, here=True),
    ]
    assert [(one.peer_name, one.read, one.peer_read) for one in of_bob.latest] == [("ann", 0, 2)]
    assert (of_nobody.heads, of_nobody.latest) == ([], [])


async def test_the_welcome_has_the_two_hundred_latest_threads(
    threads: Service, auth: FakeAuth, ann: User
) -> None:
    others = [User(1000 + number, f"user{number}") for number in range(205)]
    link = await threads.link()
    for other in others:
        auth.add(other.id, other.name)
    await link.append(*(item(other, ann) for other in others))
    await link.append(item(others[0], ann))
    answer = await threads.as_relay("/internal/heads", HeadsOf([ann.id]), HeadsAnswer)
    assert (len(answer.users[0].heads), len(answer.users[0].latest)) == (205, 200)
    assert answer.users[0].latest[0].peer == others[0].id


async def test_names_resolve_to_threads(threads: Service, ann: User, bob: User, eve: User) -> None:
    await threads.say(ann, bob, "hi")
    asked = Resolve(ann.id, ["bob", "eve", "ann", "nobody", "Not A Name"])
    found = (await threads.as_relay("/internal/resolve", asked, ResolvedThreads)).threads
    thread = found[0].thread
    assert found == [
        Resolved("bob", bob.id, thread, 1),
        Resolved("eve", eve.id),
        Resolved("ann"),
        Resolved("nobody"),
        Resolved("Not A Name"),
    ]
    assert thread is not None


async def test_names_that_cannot_be_asked_for_are_not_called_unknown(
    threads: Service, auth: FakeAuth, ann: User
) -> None:
    auth.away = True
    body = Resolve(ann.id, ["somebody"])
    status, _ = await threads.call("POST", "/internal/resolve", body, headers=threads.tokens.program("relay"))
    assert status == 503


async def test_stale_display_names_are_better_than_none(
    threads: Service, auth: FakeAuth, ann: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    await threads.say(ann, bob, "hi")
    assert (await threads.as_user(ann, "GET", "/api/threads"))[0] == 200
    monkeypatch.setattr("services.threads.people.PROFILE_MAX_AGE_S", 0.0)
    auth.away = True
    status, answer = await threads.as_user(ann, "GET", "/api/threads")
    assert (status, answer["threads"][0]["display_name"]) == (200, "Bob")


async def test_a_hello_waits_a_second_for_a_frozen_auth_and_then_has_stale_names(
    threads: Service, auth: FakeAuth, ann: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    await threads.say(ann, bob, "hi")
    fresh = await threads.as_relay("/internal/heads", HeadsOf([ann.id]), HeadsAnswer)
    monkeypatch.setattr("services.threads.people.PROFILE_MAX_AGE_S", 0.0)
    auth.thawed.clear()
    try:
        async with asyncio.timeout(3):
            stale = await threads.as_relay("/internal/heads", HeadsOf([ann.id]), HeadsAnswer)
    finally:
        auth.thawed.set()
    assert stale == fresh


@pytest.mark.usefixtures("one_server")
async def test_the_log_id_stays_until_it_is_renewed(
    threads: Service, start: Start, config: Config, ann: User
) -> None:
    async def log_id(service: Service) -> str:
        return (await service.as_relay("/internal/heads", HeadsOf([ann.id]), HeadsAnswer)).log

    before = await log_id(threads)
    assert await log_id(await start()) == before
    [renewed] = await renew_log(config)
    assert str(renewed) != before
    assert await log_id(threads) == str(renewed)


async def test_a_restored_database_with_younger_transactions_is_indexed_and_fed_again(
    threads: Service, sql: asyncpg.Connection, config: Config, start: Start, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "remembered")
    await threads.client.close()
    await sql.execute(
        "UPDATE indexing SET done = '900000000:900000000:'"
    )  # as a dump from an older, busier server has it
    await sql.execute("UPDATE outbox SET xid = '900000001'; TRUNCATE search")
    await renew_log(config)
    again = await start()
    link = await again.link()
    await again.say(ann, bob, "new")
    async with asyncio.timeout(5):
        assert [head.head for head in await next_heads(link)] == [2]
        while await sql.fetchval("SELECT count(*) FROM search") < 2:
            await link.receive(Beat)


@pytest.mark.parametrize("path", ["heads", "resolve", "deliveries", "reads", "append", "text"])
async def test_private_calls_are_closed_to_everybody_else(threads: Service, ann: User, path: str) -> None:
    stranger = "media" if path in ("append", "text") else "notify"
    for headers in (threads.tokens.program(stranger), threads.tokens.program("auth"), {}):
        status, _ = await threads.call("POST", f"/internal/{path}", {}, headers=headers)
        assert status in (401, 403)
    assert (await threads.as_user(ann, "POST", f"/internal/{path}", {}))[0] == 403


async def test_users_need_a_token_of_their_own(threads: Service) -> None:
    for path in ("/api/threads", "/api/threads/bob/messages", "/api/threads/bob/events", "/api/search?q=x"):
        for headers in ({}, threads.tokens.program("gateway"), threads.tokens.program("relay")):
            assert (await threads.call("GET", path, headers=headers))[0] == 401, path


async def test_readiness_names_what_it_asked(threads: Service, auth: FakeAuth) -> None:
    answer = await threads.call("GET", "/health/ready", headers={})
    parts = {"postgres": "ok", "redis": "ok", "auth": "ok"}
    assert answer == (200, {"status": "ready", **parts, "version": VERSION})
    auth.away = True
    status, answer = await threads.call("GET", "/health/ready", headers={})
    assert (status, answer["status"], answer["auth"]) == (200, "degraded", "degraded")


async def test_the_service_serves_without_redis(start: Start, ann: User, bob: User) -> None:
    threads = await start(redis_url="unix:///nowhere/valkey.sock")
    assert await threads.say(ann, bob, "one", "two") == [1, 2]
    status, answer = await threads.call("GET", "/health/ready", headers={})
    assert (status, answer["redis"]) == (200, "degraded")
