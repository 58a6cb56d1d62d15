"""Web Push in Firefox from end to end: from the switch to the notice, over HTTPS."""

import contextlib
import shutil
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shared.testing.people import Person, fresh_name
from tests.engines.firefox import firefox
from tests.engines.push_server import FirefoxPushService
from tests.engines.somebody import Somebody
from tests.engines.tab import Tab
from tests.secured import secured_product

_NOTICES = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return (await registration.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }));
}"""
# Firefox's own notices go after 20 s; here only what Duet does may close one.
_NOTICES_STAY = "#alertBox { animation-duration: 86400s !important; }"
_DELIVERED = 100


@dataclass(frozen=True)
class World:
    """bob: in Firefox. desk: another device of his. ann, desk: without a browser."""

    service: FirefoxPushService
    bob: Somebody
    ann: Person
    desk: Person


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    for command in ("firefox-esr", "certutil"):
        if not shutil.which(command):
            pytest.skip(f"{command} is not on this machine")
    async with contextlib.AsyncExitStack() as stack:
        service = await stack.enter_async_context(FirefoxPushService(tmp_path).running())
        settings = {
            "DUET_PUSH_HOSTS": service.host,
            "DUET_PUSH_CA": str(service.ca),
            "DUET_PUSH_ALLOW_PRIVATE": "on",
        }
        secured = stack.enter_context(secured_product(tmp_path, settings))
        (tmp_path / "firefox" / "chrome").mkdir(parents=True)
        (tmp_path / "firefox" / "chrome" / "userChrome.css").write_text(_NOTICES_STAY)
        running = firefox(tmp_path / "firefox", service.preferences, secured.root)
        tab = await stack.enter_async_context((await stack.enter_async_context(running)).tab())
        trust = ssl.create_default_context(cafile=secured.root)
        bob = Somebody(secured.url, tab, fresh_name("bob"), "Bob")
        await bob.sign_up()
        ann, desk = (Person(secured.url, name, trust=trust) for name in (fresh_name("ann"), bob.username))
        for each in (ann, desk):
            stack.push_async_callback(each.close)
        yield World(service, bob, await ann.sign_up("Ann"), await desk.log_in())
        assert (tab.errors, service.complaints) == ([], [])


async def notices(tab: Tab, *bodies: str) -> list[dict[str, Any]]:
    """Waits until the system shows those of Duet that say this, and no other."""
    await tab.until(
        f"async (said) => (await ({_NOTICES})()).map(({{ body }}) => body).join('|') === said",
        "|".join(bodies),
    )
    shown: list[dict[str, Any]] = await tab.call(_NOTICES)
    return shown


async def test_firefox_shows_what_is_pushed_until_it_is_read_and_nothing_after_log_out(world: World) -> None:
    service, bob, ann, desk = world.service, world.bob, world.ann, world.desk
    settings = f"{bob.url}/settings"
    await bob.tab.goto(settings)
    await bob.tab.click("switch", "Notifications in this browser")
    await bob.tab.reads("Saved. Notifications: on, with the texts.")
    assert len(service.channels) == 1

    await bob.tab.goto("about:blank")
    await ann.send(bob.username, "are you there?")
    await service.until(lambda: service.acknowledged)
    await bob.tab.goto(settings)
    [notice] = await notices(bob.tab, "are you there?")
    assert notice["title"] == "Ann"

    await bob.tab.goto("about:blank")
    for number in range(1, 11):
        await ann.send(bob.username, str(number))
    await service.until(lambda: len(service.acknowledged) > 1)
    await bob.tab.goto(settings)
    [last] = await notices(bob.tab, "10")
    assert last["tag"] == notice["tag"]

    await bob.tab.goto(f"{bob.url}/messages/{ann.username}")
    await bob.say("I am here")
    await bob.tab.reads("Sent")
    await notices(bob.tab)

    await bob.tab.goto(settings)
    await bob.tab.click("button", "Log out")
    await bob.tab.reads("Log in")
    assert set(service.acknowledged) == {_DELIVERED}
    before = len(service.pushed)
    _, state = await desk.call("GET", "/api/push")
    browser = service.browser("desk", state["key"])
    assert (await desk.call("PUT", "/api/push", msgspec.to_builtins(browser.subscription())))[0] == 204
    for count, text in enumerate(("after log-out", "and again"), 1):
        await ann.send(bob.username, text)
        await service.take("desk", count)  # told at the same moment as all his devices
    assert len(service.pushed) == before
