"""A session id is never taken over, and an ended session is dead everywhere within two seconds."""

import asyncio
import time

import aiohttp

from shared.testing.pace import slowness
from shared.testing.people import PASSWORD, Person
from shared.testing.product import Product
from shared.wire.frames import Close
from tests.conftest import MakePerson
from tests.security.conftest import OpenSocket

DEAD_WITHIN_S = 2.0
_SLACK_S = 0.5
_CALLERS = 12


async def _who(product: Product, cookie: str) -> int:
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        http.get(f"{product.url}/api/session", headers={"Cookie": cookie}) as answer,
    ):
        return answer.status


async def test_a_planted_session_is_not_the_victim_s_after_logging_in(
    product: Product, person: MakePerson
) -> None:
    """Fixation: mallory plants her own live cookie in the victim's browser, and waits for him to log in."""
    mallory, victim = await person("mallory"), await person("victim")
    planted = mallory.cookie
    credentials = {"username": victim.username, "password": PASSWORD}
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        http.post(f"{product.url}/api/session", json=credentials, headers={"Cookie": planted}) as answer,
    ):
        assert answer.status == 200
        given = [text.partition(";")[0] for text in answer.headers.getall("Set-Cookie")]
    assert not set(given) & set(planted.split("; "))
    assert await _who(product, planted) == 401
    assert await _who(product, "; ".join(given)) == 200


async def test_calls_that_race_a_log_out_never_revive_the_session(
    product: Product, person: MakePerson
) -> None:
    alice, bob = await person("alice"), await person("bob")
    cookie = alice.cookie
    stop = asyncio.Event()
    last_welcome = 0.0

    async def call_on() -> None:
        nonlocal last_welcome
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            while not stop.is_set():
                asked_at = time.monotonic()
                url = f"{product.url}/api/threads/{bob.username}/messages"
                async with http.get(url, headers={"Cookie": cookie}) as answer:
                    assert answer.status in (200, 401)
                    assert "Set-Cookie" not in answer.headers or answer.status == 401
                    if answer.status == 200:
                        last_welcome = max(last_welcome, asked_at)

    callers = [asyncio.create_task(call_on()) for _ in range(_CALLERS)]
    await asyncio.wait(callers, timeout=0.3)
    assert (await alice.call("DELETE", "/api/session"))[0] == 204
    ended_at = time.monotonic()
    await asyncio.wait(callers, timeout=DEAD_WITHIN_S + _SLACK_S)
    stop.set()
    await asyncio.gather(*callers)
    assert last_welcome < ended_at + DEAD_WITHIN_S
    assert await _who(product, cookie) == 401


async def test_a_new_password_ends_what_a_copied_cookie_can_do(
    product: Product, person: MakePerson, open_socket: OpenSocket
) -> None:
    victim = await person("victim")
    copied = victim.cookie
    async with open_socket(victim) as thief:
        at = time.monotonic()
        body = {"current": PASSWORD, "new": "another-horse-battery"}
        assert (await victim.call("PUT", "/api/password", body))[0] == 204
        assert await thief.close_code() == Close.SESSION_ENDED
        assert time.monotonic() - at < DEAD_WITHIN_S + _SLACK_S * slowness()
    assert await _who(product, copied) == 401
    assert (await victim.call("GET", "/api/session"))[0] == 200


async def test_every_way_of_ending_a_session_closes_its_sockets_in_two_seconds(
    product: Product, person: MakePerson, open_socket: OpenSocket
) -> None:
    for method, path, body in (
        ("DELETE", "/api/sessions", None),
        ("DELETE", "/api/sessions/{id}", None),
        ("PUT", "/api/password", {"current": PASSWORD, "new": "another-horse-battery"}),
    ):
        victim = await person("victim")
        _, mine = await victim.call("GET", "/api/sessions")
        elsewhere = await Person(product.url, victim.username).log_in()
        async with open_socket(victim) as raw:
            at = time.monotonic()
            status, _ = await elsewhere.call(method, path.format(id=mine["sessions"][0]["id"]), body)
            assert status == 204, path
            assert await raw.close_code() == Close.SESSION_ENDED
            assert time.monotonic() - at < DEAD_WITHIN_S + _SLACK_S * slowness(), path
        assert (await victim.call("GET", "/api/session"))[0] == 401
        await elsewhere.close()
