"""Twenty photos of 12 megapixels from a phone over a bad line: each arrives once, in order, with progress.

`python -m tests.browser.bad_line` starts a product of its own and a line to it that carries 1 MB/s and is cut again and
again: whenever a connection has carried another 64 KiB, with a chance of 5 %. By hand: it takes a minute or two.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator

from playwright.async_api import Browser, async_playwright, expect

from shared.testing.people import fresh_name
from shared.testing.product import Product, free_port, running_product
from tests.browser.chatter import Chatter
from tests.browser.film import DESKTOP, PHONE
from tests.browser.photos import attach, photo
from tests.conftest import CHROMIUM, CHROMIUM_FLAGS, installed

_PHOTOS = 20
_BYTES_A_SECOND = 1_000_000
_PIECE = 16 * 1024
_CUT_EVERY = 64 * 1024
_CHANCE = 0.05
_WITHIN_MS = 600_000


class Line:
    """Between a phone and a gateway on this host. near: its port at the phone's end."""

    def __init__(self, near: int, gateway: int) -> None:
        self.cuts = 0
        self.url = f"http://127.0.0.1:{near}"
        self._near = near
        self._gateway = gateway
        self._free_at = 0.0
        self._chance = random.Random(7)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with await asyncio.start_server(self._connected, "127.0.0.1", self._near):
            yield

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._gateway)
        ways = [
            asyncio.ensure_future(way)
            for way in (self._carry(reader, far_writer), self._carry(far_reader, writer))
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (writer, far_writer):
            end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Ends with the connection, or cuts it."""
        carried = 0
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(_PIECE):
                now = time.monotonic()
                self._free_at = max(self._free_at, now) + len(piece) / _BYTES_A_SECOND
                await asyncio.sleep(self._free_at - now)
                before, carried = carried, carried + len(piece)
                if carried // _CUT_EVERY > before // _CUT_EVERY and self._chance.random() < _CHANCE:
                    self.cuts += 1
                    return
                writer.write(piece)
                await writer.drain()


async def main(product: Product, near: int) -> None:
    """Prints what came of it; fails where a photo is missing, twice or out of order."""
    line = Line(near, product.port)
    async with async_playwright() as playwright, line.running():
        browser = await playwright.chromium.launch(executable_path=installed(CHROMIUM), args=CHROMIUM_FLAGS)
        ann, bob = await _people(browser, line.url)
        photos = [photo(number, 4032, 3024) for number in range(_PHOTOS)]
        print(f"{_PHOTOS} photos, {sum(len(one['buffer']) for one in photos) / 1e6:.0f} MB")
        started, seen = time.monotonic(), 0
        await attach(ann, *photos)
        await ann.box.fill("All of them")
        await expect(ann.button("Send")).to_be_enabled(timeout=_WITHIN_MS)
        await ann.button("Send").click()
        sending = ann.log.get_by_text("Sending")
        progress = ann.page.get_by_role("progressbar")
        while await sending.count():
            seen = max(seen, await progress.count())
            await asyncio.sleep(0.2)
        took = time.monotonic() - started
        answer = await bob.context.request.get(f"{line.url}/api/threads/{ann.username}/messages")
        found = [file["name"] for one in (await answer.json())["messages"] for file in one["attachments"]]
        assert found == [one["name"] for one in photos], found
        assert seen, "no progress was shown"
        await expect(bob.log.get_by_role("img", name="Photo")).to_have_count(_PHOTOS)
        print(f"all once and in order after {took:.0f} s; the line was cut {line.cuts} times")
        await browser.close()


async def _people(browser: Browser, url: str) -> tuple[Chatter, Chatter]:
    """One with a phone and one at a desk, both behind the line."""
    expect.set_options(timeout=_WITHIN_MS)
    people = []
    for name, options in (("Ann", PHONE), ("Bob", DESKTOP)):
        context = await browser.new_context(**options)
        person = Chatter(url, await context.new_page(), fresh_name(name.lower()), name)
        person.page.set_default_timeout(_WITHIN_MS)
        await person.sign_up()
        people.append(person)
    ann, bob = people
    await bob.open(ann)
    await ann.open(bob)
    return ann, bob


if __name__ == "__main__":
    port = free_port()
    with running_product(
        {"DUET_RATE_LIMITS": "off", "DUET_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    ) as running:
        asyncio.run(main(running, port))
