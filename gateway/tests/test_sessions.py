"""Sessions: what is kept, for how long, and what ends it."""

import asyncio
import time
from http.cookies import Morsel, SimpleCookie
from typing import Any

import pytest

from gateway import sessions
from gateway.sessions import SESSIONS
from gateway.tests.conftest import Gateway, Start
from gateway.tests.fakes import FakeAuth, Somebody
from shared.testing.pace import slowness
from shared.testing.people import PASSWORD, fresh_name
from shared.testing.rawsocket import Answer


async def test_an_answer_is_kept_for_a_second_at_most(
    gateway: Gateway, auth: FakeAuth, ann: Somebody
) -> None:
    assert sessions.KEPT_S <= 1
    headers = gateway.cookie(ann)
    limit_s = 1.5 * slowness()
    started = time.monotonic()
    while time.monotonic() - started < 0.5:
        assert (await gateway.call("GET", "/api/session", headers=headers)).status == 200
    assert auth.checks == 1
    del auth.people[ann.token]
    while (await gateway.call("GET", "/api/session", headers=headers)).status == 200:
        assert time.monotonic() - started < limit_s
        await asyncio.sleep(0.02)


async def test_a_crowd_with_one_cookie_asks_once(gateway: Gateway, auth: FakeAuth, ann: Somebody) -> None:
    headers = gateway.cookie(ann)
    answers = await asyncio.gather(*(gateway.call("GET", "/api/session", headers=headers) for _ in range(30)))
    assert {answer.status for answer in answers} == {200}
    assert auth.checks == 1


async def test_sessions_ended_elsewhere_are_dropped(
    gateway: Gateway, auth: FakeAuth, ann: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "KEPT_S", 3600)
    headers = gateway.cookie(ann)
    assert (await gateway.call("GET", "/api/session", headers=headers)).status == 200
    auth.end(ann)
    async with asyncio.timeout(2.5):
        while (await gateway.call("GET", "/api/session", headers=headers)).status == 200:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/api/session"),
        ("DELETE", "/api/sessions"),
        ("PUT", "/api/profile"),
        ("DELETE", "/api/sessions/018f3b1e-0000-7000-8000-000000000001"),
    ],
)
async def test_a_call_that_ends_sessions_drops_all_of_the_user_at_once(
    gateway: Gateway, auth: FakeAuth, ann: Somebody, bob: Somebody, method: str, path: str
) -> None:
    for somebody in (ann, bob):
        await gateway.call("GET", "/api/session", headers=gateway.cookie(somebody))
    await gateway.call(method, path, json={"current": "x", "new": "y"}, headers=gateway.cookie(ann))
    del auth.people[ann.token], auth.people[bob.token]
    assert (await gateway.call("GET", "/api/session", headers=gateway.cookie(ann))).status == 401
    assert (await gateway.call("GET", "/api/session", headers=gateway.cookie(bob))).status == 200


async def test_an_answer_that_was_on_its_way_when_the_session_ended_is_not_kept(
    gateway: Gateway, auth: FakeAuth, ann: Somebody
) -> None:
    cache = gateway.app[SESSIONS]
    asking = asyncio.create_task(cache.check(ann.token))
    while not auth.checks:
        await asyncio.sleep(0)
    cache.drop_user(ann.id)
    await asking
    await cache.check(ann.token)
    assert auth.checks == 2


async def test_without_auth_it_is_503_and_not_401(gateway: Gateway, auth: FakeAuth, ann: Somebody) -> None:
    await auth.stop()
    answer = await gateway.call("GET", "/api/session", headers=gateway.cookie(ann))
    assert (answer.status, answer.problem) == (503, "unavailable")


# With the real auth service behind it.


def cookies(answer: Answer) -> dict[str, Morsel[str]]:
    found: SimpleCookie = SimpleCookie()
    for header in answer.headers.getall("Set-Cookie", []):
        found.load(header)
    return dict(found)


async def sign_up(gateway: Gateway, name: str, **headers: str) -> Answer:
    body = {"username": name, "password": PASSWORD}
    return await gateway.call("POST", "/api/accounts", json=body, headers=headers)


def sent_back(answer: Answer) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={cookie.value}" for name, cookie in cookies(answer).items())}


async def test_signing_up_gives_a_cookie_that_scripts_and_other_sites_cannot_use(
    start: Start, real_auth: str
) -> None:
    gateway = await start(auth_url=real_auth)
    name = fresh_name("Cookie")
    answer = await sign_up(gateway, name)
    assert (answer.status, answer.json["username"]) == (201, name.lower())
    given = cookies(answer)
    assert set(given) == {f"duet_{gateway.port}", f"duet_device_{gateway.port}"}
    for cookie in given.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert not cookie["secure"]
        assert not cookie["domain"]
        assert int(cookie["max-age"]) > 86_400
    me = await gateway.call("GET", "/api/session", headers=sent_back(answer))
    assert me.json["username"] == name.lower()


async def test_behind_https_the_cookies_are_secure_and_bound_to_the_host(
    start: Start, real_auth: str
) -> None:
    gateway = await start(auth_url=real_auth, public_url="https://duet.example")
    answer = await sign_up(gateway, fresh_name(), Host="duet.example")
    given = cookies(answer)
    assert set(given) == {"__Host-duet", "__Host-duet-device"}
    assert all(
        cookie["secure"] and cookie["path"] == "/" and not cookie["domain"] for cookie in given.values()
    )


async def test_logging_in_always_gives_a_new_session_and_ends_the_one_presented(
    start: Start, real_auth: str
) -> None:
    gateway = await start(auth_url=real_auth)
    name = fresh_name()
    before = sent_back(await sign_up(gateway, name))
    credentials = {"username": name, "password": PASSWORD}
    answer = await gateway.call("POST", "/api/session", json=credentials, headers=before)
    assert answer.status == 200
    after = sent_back(answer)
    assert after != before
    assert (await gateway.call("GET", "/api/session", headers=before)).status == 401
    assert (await gateway.call("GET", "/api/session", headers=after)).status == 200


async def test_a_session_id_of_the_client_s_choice_is_never_taken_over(start: Start, real_auth: str) -> None:
    gateway = await start(auth_url=real_auth)
    fixed = {"Cookie": f"duet_{gateway.port}=chosen-by-an-attacker"}
    answer = await sign_up(gateway, fresh_name(), **fixed)
    assert cookies(answer)[f"duet_{gateway.port}"].value != "chosen-by-an-attacker"
    assert (await gateway.call("GET", "/api/session", headers=fixed)).status == 401


async def test_logging_out_takes_the_cookie_back_and_ends_the_session_at_once(
    start: Start, real_auth: str
) -> None:
    gateway = await start(auth_url=real_auth)
    headers = sent_back(await sign_up(gateway, fresh_name()))
    assert (await gateway.call("GET", "/api/session", headers=headers)).status == 200
    answer = await gateway.call("DELETE", "/api/session", headers=headers)
    assert (answer.status, answer.body) == (204, b"")
    taken = cookies(answer)[f"duet_{gateway.port}"]
    assert (taken.value, taken["max-age"], taken["path"]) == ("", "0", "/")
    assert (await gateway.call("GET", "/api/session", headers=headers)).status == 401


async def test_a_new_password_gives_new_cookies_and_the_copies_of_the_old_ones_are_dead_at_once(
    start: Start, real_auth: str
) -> None:
    gateway = await start(auth_url=real_auth)
    name = fresh_name()
    copied = sent_back(await sign_up(gateway, name))
    credentials = {"username": name, "password": PASSWORD}
    elsewhere = sent_back(await gateway.call("POST", "/api/session", json=credentials))
    for device in (copied, elsewhere):
        assert (await gateway.call("GET", "/api/session", headers=device)).status == 200
    body = {"current": PASSWORD, "new": "another-horse-battery"}
    answer = await gateway.call("PUT", "/api/password", json=body, headers=copied)
    assert (answer.status, answer.body) == (204, b"")
    given = cookies(answer)
    assert set(given) == {f"duet_{gateway.port}", f"duet_device_{gateway.port}"}
    assert all(cookie["httponly"] and cookie["samesite"] == "Lax" for cookie in given.values())
    for device in (elsewhere, copied):
        assert (await gateway.call("GET", "/api/session", headers=device)).status == 401
    assert (await gateway.call("GET", "/api/session", headers=sent_back(answer))).status == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"current": "not the password", "new": "another-horse-battery"}, 403, "wrong-password"),
        ({"current": PASSWORD, "new": "short"}, 422, "invalid"),
        ({"current": PASSWORD, "new": "another-horse-battery", "user": 1}, 422, "invalid"),
    ],
)
async def test_a_password_that_is_not_changed_gives_no_cookie_and_ends_nothing(
    start: Start, real_auth: str, body: dict[str, Any], status: int, code: str
) -> None:
    gateway = await start(auth_url=real_auth)
    headers = sent_back(await sign_up(gateway, fresh_name()))
    answer = await gateway.call("PUT", "/api/password", json=body, headers=headers)
    assert (answer.status, answer.problem) == (status, code)
    assert "Set-Cookie" not in answer.headers
    assert (await gateway.call("GET", "/api/session", headers=headers)).status == 200


async def test_wrong_credentials_and_bad_input_are_problems_that_set_no_cookie(
    start: Start, real_auth: str
) -> None:
    gateway = await start(auth_url=real_auth)
    name = fresh_name()
    await sign_up(gateway, name)
    wrong = await gateway.call("POST", "/api/session", json={"username": name, "password": "x" * 12})
    assert (wrong.status, wrong.problem) == (401, "wrong-credentials")
    taken = await sign_up(gateway, name)
    assert (taken.status, taken.problem) == (409, "taken")
    unusable: list[Any] = [
        {"username": "a", "password": PASSWORD},
        {"username": name},
        {"username": name, "x": 1},
        [],
        1,
    ]
    for body in unusable:
        invalid = await gateway.call("POST", "/api/accounts", json=body)
        assert (invalid.status, invalid.problem) == (422, "invalid")
        assert "Set-Cookie" not in invalid.headers
    malformed = await gateway.call(
        "POST", "/api/session", data=b"{", headers={"Content-Type": "application/json"}
    )
    assert (malformed.status, malformed.problem) == (400, "malformed")
    plain = await gateway.call("POST", "/api/session", data=b"{}", headers={"Content-Type": "text/plain"})
    assert (plain.status, plain.problem) == (415, "unsupported-media-type")
