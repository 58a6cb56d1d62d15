"""Whose browsers are told: /api/push."""

import os
from typing import Any

from services.notify.sweeper import Sweeper
from services.notify.tests.town import Town
from shared.plumbing.http.rpc import peer
from shared.plumbing.postgres.database import database
from shared.testing.push_service import Browser
from shared.wire.accounts import SessionInfo


def body(browser: Browser, **changes: Any) -> dict[str, Any]:
    asked = browser.subscription()
    keys = {"p256dh": asked.keys.p256dh, "auth": asked.keys.auth} | changes.pop("keys", {})
    return {"endpoint": asked.endpoint, "keys": keys, **changes}


async def put(town: Town, login: SessionInfo, asked: Any) -> tuple[int, list[str]]:
    """Status, and the fields at fault."""
    status, answer = await town.as_user(login, "notify", "PUT", "/api/push", asked)
    return status, [error["pointer"] for error in (answer or {}).get("errors", ())]


async def state(town: Town, login: SessionInfo) -> dict[str, Any]:
    status, answer = await town.as_user(login, "notify", "GET", "/api/push")
    assert status == 200
    return {name: answer[name] for name in ("subscribed", "hide_text")}


async def test_a_subscription_is_its_sessions_alone(town: Town) -> None:
    bob, other = town.sessions["bob"], await town.log_in("bob")
    assert await state(town, bob) == {"subscribed": False, "hide_text": False}
    browser = await town.subscribe(bob)
    assert await state(town, bob) == {"subscribed": True, "hide_text": False}
    assert await put(town, bob, body(browser, hide_text=True)) == (204, [])
    assert await state(town, bob) == {"subscribed": True, "hide_text": True}
    assert await state(town, other) == {"subscribed": False, "hide_text": False}
    for _ in range(2):
        assert (await town.as_user(other, "notify", "DELETE", "/api/push"))[0] == 204
        assert (await state(town, bob))["subscribed"]
    assert (await town.as_user(bob, "notify", "DELETE", "/api/push"))[0] == 204
    assert not (await state(town, bob))["subscribed"]


async def test_a_browser_belongs_to_who_subscribed_last(town: Town) -> None:
    browser = await town.subscribe("bob")
    assert await put(town, town.sessions["eve"], body(browser)) == (204, [])
    assert not (await state(town, town.sessions["bob"]))["subscribed"]
    assert (await state(town, town.sessions["eve"]))["subscribed"]


async def test_of_more_than_ten_browsers_of_a_person_the_oldest_go(town: Town) -> None:
    logins = [town.sessions["bob"], *[await town.log_in("bob") for _ in range(11)]]
    for number, login in enumerate(logins):
        await town.subscribe(login, f"device-{number}")
    assert await town.devices() == 10
    assert [(await state(town, login))["subscribed"] for login in logins] == [False] * 2 + [True] * 10


async def test_what_cannot_be_subscribed_with_is_refused_by_its_field(town: Town) -> None:
    browser = town.service.browser("bob", "")
    for changes, at_fault in (
        ({"endpoint": "http://fcm.googleapis.com/x"}, "/endpoint"),
        ({"endpoint": "https://127.0.0.1/x"}, "/endpoint"),
        ({"endpoint": f"https://fcm.googleapis.com/{'x' * 2048}"}, "/endpoint"),
        ({"keys": {"p256dh": "x" * 87}}, "/keys/p256dh"),
        ({"keys": {"p256dh": ""}}, "/keys/p256dh"),
        ({"keys": {"auth": "AAAA"}}, "/keys/auth"),
        ({"keys": {"auth": "not base64!"}}, "/keys/auth"),
        ({"hide_text": "yes"}, "/hide_text"),
        ({"expires": 1}, "/expires"),
    ):
        asked = body(browser) | body(browser, **changes)
        assert await put(town, town.sessions["bob"], asked) == (422, [at_fault])
    assert await town.devices() == 0


async def test_subscriptions_of_sessions_that_are_over_are_swept_away(town: Town) -> None:
    second = await town.log_in("bob")
    await town.subscribe("bob")
    await town.subscribe(second, "second")
    await town.log_out(second)
    signer = town.tokens.signer("notify")
    async with (
        database(town.database_url, "notify", None) as db,
        peer("auth", f"unix:{town.path('auth')}", signer) as auth,
    ):
        await Sweeper(db, auth).sweep()
    assert await town.devices() == 1
    assert (await state(town, town.sessions["bob"]))["subscribed"]


async def test_the_keys_lie_where_no_other_user_can_read_them(town: Town) -> None:
    path = town.directory / "keys" / "notify.vapid.key"
    assert os.stat(path).st_mode & 0o777 == 0o600
    _, before = await town.as_user(town.sessions["bob"], "notify", "GET", "/api/push")
    await town.stop("notify")
    await town.start("notify")
    _, after = await town.as_user(town.sessions["bob"], "notify", "GET", "/api/push")
    assert before["key"] == after["key"]
