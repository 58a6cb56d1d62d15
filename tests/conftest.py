"""Whole-system and browser tests: one running product and one Chromium a worker, and new people for each
test.

Chromium's driver lives on the session's event loop, and so does every test that needs the product; async fixtures
for those say `pytest_asyncio.fixture(loop_scope="session")`.
"""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from shared.testing.people import Person, fresh_name
from shared.testing.product import Product, running_product

HERE = Path(__file__).parent
LONGEST = ("test_chaos_short.py", "test_model.py")
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks them, and has those that use the shared product run on the session's event loop. The longest come first:
    begun last, one would run alone at the end while the other workers have nothing left."""
    items.sort(key=lambda item: item.path.name not in LONGEST)
    for item in items:
        if HERE not in item.path.parents or item.path.parent.name == "model":  # which needs no product
            continue
        in_browser = item.path.parent.name in ("browser", "engines")
        item.add_marker(pytest.mark.browser if in_browser else pytest.mark.system)
        if "product" in getattr(item, "fixturenames", ()) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """Duet with two relay nodes, without rate limits; tests that need limits or faults start their own."""
    with running_product({"DUET_RELAYS": "2", "DUET_RATE_LIMITS": "off"}) as running:
        yield running


@pytest.fixture
def mortal(product: Product) -> Iterator[Product]:
    """The product, for a test that kills parts of it: the next test finds them back."""
    yield product
    product.wait_until_whole()


MakePerson = Callable[..., Awaitable[Person]]


@pytest_asyncio.fixture(loop_scope="session")
async def person(product: Product) -> AsyncIterator[MakePerson]:
    """`await person()` or `await person("ann")`: somebody new who is signed up."""
    made: list[Person] = []

    async def make(stem: str = "user", display_name: str | None = None) -> Person:
        somebody = Person(product.url, fresh_name(stem))
        made.append(somebody)
        return await somebody.sign_up(display_name)

    yield make
    for somebody in made:
        await somebody.close()


def installed(programs: Sequence[str]) -> str:
    """The path of the first that this machine has."""
    path = next(filter(None, map(shutil.which, programs)), None)
    assert path, "no Chromium on this machine: make test installs it, or apt-get install chromium"
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The distribution's Chromium; as its headless shell, which takes half the time, where there is that."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=installed(CHROMIUM), args=CHROMIUM_FLAGS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(chromium: Browser) -> AsyncIterator[Browser]:
    """Chromium without a context; those that a test makes end with it."""
    yield chromium
    for context in chromium.contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Any]:
    """One page at desktop size; fails the test on an error in the page's own scripts."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, service_workers="block")
    opened = await context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    await context.close()
    assert errors == []
