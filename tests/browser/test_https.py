"""Duet behind the Caddy of deploy/compose, over HTTPS with its local authority."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from deploy.compose.tests.caddy import key_hash
from shared.testing.people import PASSWORD, fresh_name
from tests.browser.chatter import Chatter
from tests.browser.photos import attach, photo
from tests.conftest import CHROMIUM, CHROMIUM_FLAGS, installed
from tests.secured import Secured, secured_product

_WITHIN_S = 20
_CONTROLLER = """async () => {
  const { serviceWorker } = navigator;
  if (!serviceWorker.controller)
    await new Promise((resolve) => serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
  return serviceWorker.controller.scriptURL;
}"""
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    with secured_product(tmp_path_factory.mktemp("caddy")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def trusting(secured: Secured) -> AsyncIterator[Browser]:
    """A Chromium that trusts Caddy's authority, and nothing else."""
    trust = f"--ignore-certificate-errors-spki-list={key_hash(secured.authority)}"
    async with async_playwright() as playwright:
        path = installed(CHROMIUM)
        launched = await playwright.chromium.launch(executable_path=path, args=[*CHROMIUM_FLAGS, trust])
        yield launched
        await launched.close()


async def test_two_people_talk_and_show_a_photo_over_https_under_the_worker(
    secured: Secured, trusting: Browser
) -> None:
    people = []
    for name in ("Ann", "Bob"):
        context = await trusting.new_context()
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
    await attach(bob, photo(0, 300, 200))
    await bob.button("Send").click()
    tile = ann.log.locator("button.tile.loaded")
    await expect(tile).to_be_visible()
    assert await tile.get_by_role("img").evaluate("node => node.naturalWidth") == 300
    async with asyncio.timeout(_WITHIN_S):
        assert await ann.page.evaluate(_CONTROLLER) == f"{secured.url}/sw.js"


async def test_the_proxy_says_what_the_gateway_says_and_names_itself_nowhere(secured: Secured) -> None:
    trust = ssl.create_default_context(cafile=secured.root)
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{secured.url}/login", ssl=trust) as answer,
    ):
        assert answer.status == 200
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert answer.headers.getall("Server") == ["Duet"]
