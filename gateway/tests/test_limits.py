"""Rate limits: who may call how often."""

import asyncio
from pathlib import Path

import pytest

from gateway import sessions
from gateway.limits import Limits
from gateway.tests.conftest import Gateway, Start
from gateway.tests.fakes import EchoRelay, FakeAuth, RecordingService, Somebody
from shared.plumbing.limits.ledger import EVERY_S, Ledger
from shared.wire.problems import RateLimited

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


async def until_limited(gateway: Gateway, method: str, path: str, most: int, **options: object) -> int:
    """How many calls were taken before the first 429."""
    for number in range(most):
        answer = await gateway.call(method, path, **options)
        if answer.status == 429:
            assert answer.problem == "rate-limited"
            assert int(answer.headers["Retry-After"]) >= 1
            return number
    return most


async def test_calls_are_limited_by_session(start: Start, ann: Somebody, bob: Somebody) -> None:
    gateway = await start(rate_limits="on")
    taken = await until_limited(gateway, "GET", "/api/threads", 600, headers=gateway.cookie(ann))
    assert taken == 200
    assert (await gateway.call("GET", "/api/threads", headers=gateway.cookie(bob))).status == 200


async def test_the_sessions_of_a_person_share_what_two_of_them_would_have(
    start: Start, auth: FakeAuth, ann: Somebody, bob: Somebody
) -> None:
    gateway = await start(rate_limits="on")
    devices = [ann, auth.log_in_again(ann), auth.log_in_again(ann)]
    calls = (
        gateway.call("GET", "/api/threads", headers=gateway.cookie(device))
        for _ in range(220)
        for device in devices
    )
    taken = [answer.status for answer in await asyncio.gather(*calls)].count(200)
    assert taken == 400
    assert (await gateway.call("GET", "/api/threads", headers=gateway.cookie(bob))).status == 200


STORING = ["/api/threads/bob/messages", "/api/threads/bob/events"]


async def test_messages_and_changes_are_limited_by_user_and_not_with_the_other_calls(
    start: Start, ann: Somebody
) -> None:
    gateway = await start(rate_limits="on")
    options = {"json": {}, "headers": gateway.cookie(ann)}
    taken = [await until_limited(gateway, "POST", path, 100, **options) for path in STORING]
    taken += [await until_limited(gateway, "POST", path, 300, **options) for path in STORING]
    assert taken[:2] == [100, 100]
    assert sum(taken) < 240
    assert (await gateway.call("GET", "/api/threads", headers=gateway.cookie(ann))).status == 200


@pytest.mark.parametrize("path", STORING)
async def test_what_is_stored_counts_against_what_the_sockets_of_its_sender_may_send(
    start: Start, relay: EchoRelay, ann: Somebody, path: str
) -> None:
    gateway = await start(rate_limits="on")
    relay.sends_left = 3
    options = {"json": {}, "headers": gateway.cookie(ann)}
    assert await until_limited(gateway, "POST", path, 10, **options) == 3
    refused = await gateway.call("POST", path, **options)
    assert refused.headers["Retry-After"] == "3"
    assert (await gateway.call("GET", "/api/threads", headers=gateway.cookie(ann))).status == 200
    await relay.stop()
    assert (await gateway.call("POST", path, **options)).status == 200


async def test_uploads_are_limited_by_user_and_not_with_the_other_calls(start: Start, ann: Somebody) -> None:
    gateway = await start(rate_limits="on")
    headers = gateway.cookie(ann)
    assert await until_limited(gateway, "POST", "/api/threads/bob/attachments", 150, headers=headers) == 100
    assert (await gateway.call("GET", "/api/threads", headers=headers)).status == 200


async def test_moves_are_limited_by_address(start: Start) -> None:
    gateway = await start(rate_limits="on", trusted_proxies="127.0.0.1")
    path, headers = "/api/tictactoe/move", {"X-Forwarded-For": "203.0.113.1"}
    taken = await until_limited(gateway, "POST", path, 1200, json={}, headers=headers)
    assert taken == 400
    other = await gateway.call("POST", path, json={}, headers={"X-Forwarded-For": "203.0.113.2"})
    assert other.status == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "/login"), ("POST", "/api/session")])
async def test_an_ipv6_host_has_one_share_whatever_addresses_it_takes(
    start: Start, method: str, path: str
) -> None:
    gateway = await start(rate_limits="on", trusted_proxies="127.0.0.1")

    async def status_for(address: str) -> int:
        return (await gateway.call(method, path, headers={"X-Forwarded-For": address})).status

    statuses = [await status_for(f"2001:db8::{number:x}") for number in range(201)]
    assert statuses.index(429) <= 200
    assert await status_for("2001:db8:0:1::1") != 429


async def test_before_a_session_the_address_counts(start: Start, auth: FakeAuth) -> None:
    gateway = await start(rate_limits="on")
    assert await until_limited(gateway, "GET", "/login", 600) == 200


async def test_guessing_session_cookies_is_limited_by_address(start: Start, auth: FakeAuth) -> None:
    gateway = await start(rate_limits="on")
    headers = {"Cookie": f"duet_{gateway.port}=guess"}
    assert await until_limited(gateway, "GET", "/api/threads", 600, headers=headers) == 200


async def test_a_cookie_that_is_not_known_is_counted_before_auth_is_asked(
    start: Start, auth: FakeAuth, ann: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a flood of guesses becomes a flood of look-ups. Known sessions still work from the same address."""
    gateway = await start(rate_limits="on")
    assert (await gateway.call("GET", "/api/threads", headers=gateway.cookie(ann))).status == 200
    for path, upgrade in (("/api/threads", {}), ("/messages", UPGRADE)):
        guesses = ({"Cookie": f"duet_{gateway.port}={path}{number}", **upgrade} for number in range(600))
        before = auth.checks
        answers: list[int] = []
        while answers.count(429) < 5:
            answers.append((await gateway.call("GET", path, headers=next(guesses))).status)
        assert auth.checks - before <= len(answers) - 5
    monkeypatch.setattr(sessions, "KEPT_S", 0)  # auth is asked about her again
    assert (await gateway.call("GET", "/api/threads", headers=gateway.cookie(ann))).status == 200


async def test_a_limit_holds_over_all_gateways(
    start: Start, game: RecordingService, clean_redis_url: str
) -> None:
    one, other = [await start(rate_limits="on", redis_url=clean_redis_url) for _ in range(2)]
    path = "/api/tictactoe/analyse"
    assert await until_limited(one, "POST", path, 60, json={}) >= 30
    taken = 0
    while (
        await other.call("POST", path, json={})
    ).status != 429:  # it has a burst of its own, until it hears
        taken += 1
        await asyncio.sleep(EVERY_S)
    assert taken < 15
    assert (await other.call("GET", "/login")).status == 200


async def test_gateways_without_redis_limit_for_themselves_and_start_all_the_same(
    start: Start, game: RecordingService, tmp_path: Path
) -> None:
    gateway = await start(rate_limits="on", redis_url=f"unix://{tmp_path}/nobody.sock")
    assert 30 <= await until_limited(gateway, "POST", "/api/tictactoe/analyse", 100, json={}) < 60


async def test_limits_can_be_switched_off(start: Start, ann: Somebody) -> None:
    gateway = await start(rate_limits="off")
    assert await until_limited(gateway, "GET", "/api/threads", 400, headers=gateway.cookie(ann)) == 400


def test_retry_after_is_the_time_until_the_next_token() -> None:
    limits = Limits(Ledger(), on=True)
    for _ in range(200):
        limits.take("messages", "ann")
    with pytest.raises(RateLimited) as refused:
        limits.take("messages", "ann")
    assert refused.value.headers["Retry-After"] == "1"
