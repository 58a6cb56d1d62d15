"""People at the chat."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from shared.testing.people import fresh_name
from shared.testing.product import Product
from tests.browser.chatter import Chatter
from tests.browser.modules import Modules, PageModules

expect.set_options(timeout=10_000)

MakeChatter = Callable[..., Awaitable[Chatter]]


def watch(page: Page, errors: list[str]) -> None:
    """Notes what goes wrong in the page's own scripts, and what its policy forbade."""

    def heard(said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            errors.append(said.text)

    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", heard)


@pytest_asyncio.fixture(loop_scope="session")
async def chatter(product: Product, browser: Browser) -> AsyncIterator[MakeChatter]:
    """`await chatter("Ann")`: somebody new in a browser context of their own; options are the context's.

    display_name: where it is not the name; the username is made of the name. There is no service worker, which what a
    test intercepts would pass by, unless the options allow one.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    async def make(name: str = "Somebody", display_name: str = "", **options: Any) -> Chatter:
        usual = {"viewport": {"width": 1280, "height": 800}, "service_workers": "block"}
        context = await browser.new_context(**{**usual, **options})
        contexts.append(context)
        context.on("page", lambda page: watch(page, errors))
        username = fresh_name(name.lower().split()[0])
        made = Chatter(product.url, await context.new_page(), username, display_name or name)
        await made.sign_up()
        return made

    yield make
    for context in contexts:
        await context.close()
    assert errors == []


@pytest.fixture
def modules() -> Modules:
    """The pages' scripts that need no page, callable by name."""
    return Modules()


@pytest_asyncio.fixture(loop_scope="session")
async def page_modules(product: Product, page: Page) -> PageModules:
    """The pages' scripts, callable by name."""
    await page.goto(f"{product.url}/login")
    script = await page.locator("script[type=module]").get_attribute("src")
    root = re.match(r".*/js", script or "")
    assert root is not None
    return PageModules(page, product.url + root[0])


@pytest_asyncio.fixture(loop_scope="session")
async def pair(chatter: MakeChatter) -> tuple[Chatter, Chatter]:
    """Ann and Bob, each with the thread with the other open."""
    ann, bob = await chatter("Ann"), await chatter("Bob")
    await ann.open(bob)
    await bob.open(ann)
    return ann, bob
