"""Whole-system and browser tests: one running product and one Chromium a worker, and new people for each
test.

Chromium's driver lives on the session's event loop, and so does every test that needs the product; async fixtures
for those say `pytest_asyncio.fixture(loop_scope="session")`.
"""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Playwright, async_playwright

from shared.testing.people import Person, fresh_name
from shared.testing.product import Product, running_product
from tests.contexts import Contexts
from tests.correspondent import Correspondent, Peer

HERE = Path(__file__).parent
LONGEST = ("test_chaos_short.py", "test_model.py")
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
ONE_PROCESS = "--renderer-process-limit=1"
"""For all pages of a context, which then need not wait for a new one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks them, and has those that use the shared product run on the session's event loop.

    The longest come first: begun last, one would run alone at the end while the other workers have nothing left. Then
    those in Firefox and WebKit: a worker gives away what is last in its share, so one worker starts these two.
    """
    items.sort(key=_turn)
    for item in items:
        if HERE not in item.path.parents or item.path.parent.name == "model":  # which needs no product
            continue
        in_browser = item.path.parent.name in ("browser", "engines")
        item.add_marker(pytest.mark.browser if in_browser else pytest.mark.system)
        if "product" in getattr(item, "fixturenames", ()) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """Duet with two relay nodes, without rate limits; tests that need limits, faults or passwords as they are really
    hashed start their own."""
    settings = {"DUET_RELAYS": "2", "DUET_RATE_LIMITS": "off"}
    with running_product(settings, module="tests.quick") as running:
        yield running


@pytest.fixture
def mortal(product: Product) -> Iterator[Product]:
    """The product, for a test that kills parts of it: the next test finds them back."""
    yield product
    product.wait_until_whole()


def _turn(item: pytest.Item) -> int:
    if item.path.name in LONGEST:
        return 0
    return 1 if item.path.parent.name == "engines" else 2


MakePerson = Callable[..., Awaitable[Person]]
MakeCorrespondent = Callable[[str, Peer], Awaitable[Correspondent]]


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


@pytest.fixture
def correspondent(person: MakePerson) -> MakeCorrespondent:
    """`await correspondent("Bob", ann)`: somebody new without a page, who writes with Ann."""

    async def make(name: str, peer: Peer) -> Correspondent:
        stem = name.split()[0].lower()
        return Correspondent(await person(stem if stem.isascii() else "user", name), name, peer)

    return make


def installed(programs: Sequence[str]) -> str:
    """The path of the first that this machine has."""
    path = next(filter(None, map(shutil.which, programs)), None)
    assert path, "no Chromium on this machine: make test installs it, or apt-get install chromium"
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(playwright: Playwright) -> AsyncIterator[Browser]:
    """The distribution's Chromium; as its headless shell, which takes half the time, where there is that."""
    launched = await playwright.chromium.launch(
        executable_path=installed(CHROMIUM), args=[*CHROMIUM_FLAGS, ONE_PROCESS]
    )
    yield launched
    await launched.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def contexts(chromium: Browser, product: Product) -> Contexts:
    return Contexts(chromium, product.url)


@pytest_asyncio.fixture(loop_scope="session")
async def browser(chromium: Browser, contexts: Contexts) -> AsyncIterator[Browser]:
    """Chromium without a context; those that a test makes end with it."""
    yield chromium
    await contexts.close_others()


@pytest_asyncio.fixture(loop_scope="session")
async def page(contexts: Contexts) -> AsyncIterator[Page]:
    """One page at desktop size; fails the test on an error in the page's own scripts."""
    errors: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: errors.append(str(error)))

    lent = await contexts.lend(watch)
    yield lent.page
    await contexts.take_back(lent)
    assert errors == []
