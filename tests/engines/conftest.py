"""Duet behind a line that can be cut, and each of the two engines."""

import contextlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from shared.testing.people import fresh_name
from shared.testing.product import Product, free_port, running_product
from tests.chaos.proxy import Proxy, proxy
from tests.conftest import MakeCorrespondent
from tests.correspondent import Correspondent
from tests.engines.firefox import Firefox, firefox
from tests.engines.somebody import Somebody
from tests.engines.tab import Tab
from tests.engines.webkit import WebKit, webkit

_COMMANDS = {"firefox": ["firefox-esr"], "webkit": ["WebKitWebDriver", "Xvfb"]}
MakeTab = Callable[[], Awaitable[Tab]]
MakeSomebody = Callable[..., Awaitable[Somebody]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def line() -> AsyncIterator[Proxy]:
    """What the browsers reach Duet by. A page reaches it again after `stop` and `start`."""
    front, port = free_port(), free_port()
    async with proxy(f"127.0.0.1:{front}", f"127.0.0.1:{port}") as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def product(line: Proxy) -> AsyncIterator[Product]:
    """Behind the line, as its `url` says."""
    url = f"http://127.0.0.1:{line.listen.port}"
    settings = {"DUET_RELAYS": "2", "DUET_RATE_LIMITS": "off", "DUET_PUBLIC_URL": url}
    with running_product(settings, port=line.upstream.port) as running:
        running.url = url
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=["firefox", "webkit"])
async def engine(request: pytest.FixtureRequest, server_directory: Path) -> AsyncIterator[Firefox | WebKit]:
    """One browser, until all tests in it have run. deploy/local/browsers.sh installs it, or says that it cannot."""
    for command in _COMMANDS[request.param]:
        if not shutil.which(command):
            pytest.skip(f"{command} is not on this machine")
    running = firefox(server_directory / "firefox") if request.param == "firefox" else webkit()
    async with running as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def tab(engine: Firefox | WebKit) -> AsyncIterator[MakeTab]:
    """`await tab()`: a tab of its own; fails the test on an error in a page's own scripts."""
    async with contextlib.AsyncExitStack() as stack:
        made: list[Tab] = []

        async def make() -> Tab:
            made.append(await stack.enter_async_context(engine.tab()))
            return made[-1]

        yield make
        for each in made:
            await each.watched()
    assert [error for each in made for error in each.errors] == []


@pytest.fixture
def somebody(product: Product, tab: MakeTab) -> MakeSomebody:
    """`await somebody("Ann")`: somebody new, with an account, in a tab of their own."""

    async def make(name: str) -> Somebody:
        made = Somebody(product.url, await tab(), fresh_name(name.lower()), name)
        await made.sign_up()
        return made

    return make


@pytest_asyncio.fixture(loop_scope="session")
async def pair(somebody: MakeSomebody) -> tuple[Somebody, Somebody]:
    """Ann and Bob, each with the thread with the other open."""
    ann, bob = await somebody("Ann"), await somebody("Bob")
    await ann.open(bob)
    await bob.open(ann)
    return ann, bob


@pytest_asyncio.fixture(loop_scope="session")
async def alone(somebody: MakeSomebody, correspondent: MakeCorrespondent) -> tuple[Somebody, Correspondent]:
    """Ann, with the thread with Bob open, and Bob, who has no page."""
    ann = await somebody("Ann")
    bob = await correspondent("Bob", ann)
    await ann.open(bob)
    return ann, bob
