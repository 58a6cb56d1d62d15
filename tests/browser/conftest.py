"""People at the chat."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import ConsoleMessage, Page, expect

from shared.testing.people import fresh_name
from shared.testing.product import Product
from tests.browser.chatter import Chatter
from tests.browser.modules import Modules, PageModules
from tests.conftest import MakeCorrespondent
from tests.contexts import Contexts, Lent
from tests.correspondent import Correspondent

expect.set_options(timeout=20_000)

MakeChatter = Callable[..., Awaitable[Chatter]]


def watch(page: Page, errors: list[str]) -> None:
    """Notes what goes wrong in the page's own scripts, and what its policy forbade."""

    def heard(said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            errors.append(said.text)

    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", heard)


@pytest_asyncio.fixture(loop_scope="session")
async def chatter(product: Product, contexts: Contexts) -> AsyncIterator[MakeChatter]:
    """`await chatter("Ann")`: somebody new in a browser context of their own; options are the context's.

    display_name: where it is not the name; the username is made of the name. There is no service worker, which what a
    test intercepts would pass by, unless the options allow one.
    """
    lent: list[Lent] = []
    errors: list[str] = []

    async def make(name: str = "Somebody", display_name: str = "", **options: Any) -> Chatter:
        lent.append(await contexts.lend(lambda page: watch(page, errors), **options))
        username = fresh_name(name.lower().split()[0])
        made = Chatter(product.url, lent[-1].page, username, display_name or name)
        await made.sign_up()
        return made

    yield make
    for each in lent:
        await contexts.take_back(each)
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


@pytest_asyncio.fixture(loop_scope="session")
async def alone(chatter: MakeChatter, correspondent: MakeCorrespondent) -> tuple[Chatter, Correspondent]:
    """Ann, with the thread with Bob open, and Bob, who has no page."""
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await ann.open(bob)
    return ann, bob
