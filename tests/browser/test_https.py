"""Duet behind the Caddy of deploy/compose, over HTTPS with its local authority."""

import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from deploy.compose.tests.caddy import caddy, key_hash
from shared.testing.people import PASSWORD, fresh_name
from shared.testing.product import free_port, running_product
from tests.browser.chatter import Chatter
from tests.conftest import CHROMIUM, CHROMIUM_FLAGS, installed

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass(frozen=True)
class Secured:
    """url: Duet's, as people type it. root: the authority's certificate. browser: trusts it, and nothing else."""

    url: str
    root: Path
    browser: Browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def secured(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Secured]:
    port, upstream = free_port(), free_port()
    url = f"https://localhost:{port}"
    settings = {"DUET_PUBLIC_URL": url, "DUET_TRUSTED_PROXIES": "127.0.0.0/8", "DUET_RELAYS": "1"}
    async with contextlib.AsyncExitStack() as stack:
        authority = stack.enter_context(caddy(tmp_path_factory.mktemp("caddy"), port, upstream))
        stack.enter_context(running_product(settings, port=upstream))
        playwright = await stack.enter_async_context(async_playwright())
        trust = f"--ignore-certificate-errors-spki-list={key_hash(authority)}"
        browser = await playwright.chromium.launch(
            executable_path=installed(CHROMIUM), args=[*CHROMIUM_FLAGS, trust]
        )
        stack.push_async_callback(browser.close)
        yield Secured(url, authority / "root.crt", browser)


async def test_two_people_talk_over_https(secured: Secured) -> None:
    people = []
    for name in ("Ann", "Bob"):
        context = await secured.browser.new_context()
        page = await context.new_page()
        somebody = Chatter(secured.url, page, fresh_name(name.lower()), name)
        await page.goto(f"{secured.url}/signup")
        await page.get_by_label("Username").fill(somebody.username)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign up").click()
        await expect(page.locator("#new-chat")).to_be_enabled()
        people.append(somebody)
    ann, bob = people
    ann.display_name, bob.display_name = ann.username, bob.username
    opened: list[str] = []
    ann.page.on("websocket", lambda socket: opened.append(socket.url))
    await ann.open(bob)
    await bob.open(ann)
    await ann.say("over TLS")
    await bob.sees("over TLS")
    await bob.say("and back")
    await ann.sees("over TLS", "and back")
    assert opened
    assert all(url.startswith("wss://localhost:") for url in opened)
    assert await ann.page.evaluate("isSecureContext")
    cookies = {cookie["name"]: cookie for cookie in await ann.context.cookies()}
    session = cookies["__Host-duet"]
    assert session["secure"]
    assert session["httpOnly"]
    assert session["sameSite"] in ("Lax", "Strict")


async def test_the_proxy_says_what_the_gateway_says_and_names_itself_nowhere(secured: Secured) -> None:
    trust = ssl.create_default_context(cafile=secured.root)
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{secured.url}/login", ssl=trust) as answer,
    ):
        assert answer.status == 200
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert answer.headers.getall("Server") == ["Duet"]
