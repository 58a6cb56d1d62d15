"""Whole-system and browser tests: one running product for all of them, people made afresh for each test."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from shared.testing.people import Person, fresh_name
from shared.testing.product import Product, running_product

HERE = Path(__file__).parent
CHROMIUM_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One xdist worker runs them all, so that one product serves them; the others run the rest meanwhile."""
    for item in items:
        if HERE in item.path.parents and item.path.parent.name != "model":  # which needs no product
            item.add_marker(pytest.mark.xdist_group("product"))
            item.add_marker(pytest.mark.browser if item.path.parent.name == "browser" else pytest.mark.system)


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """Duet with two relay nodes, without rate limits; tests that need limits or faults start their own."""
    with running_product({"DUET_RELAYS": "2", "DUET_RATE_LIMITS": "off"}) as running:
        yield running


MakePerson = Callable[..., Awaitable[Person]]


@pytest.fixture
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


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """The distribution's Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "no Chromium on this machine: make test installs it, or apt-get install chromium"
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield launched
        await launched.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Any]:
    """One page at desktop size; fails the test on an error in the page's own scripts."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    opened = await context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    await context.close()
    assert errors == []
