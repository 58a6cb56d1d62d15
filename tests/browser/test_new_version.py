"""A new version arrives while somebody is writing."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import expect

from shared.testing.product import Product, free_port
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.stores import everything, until_kept, until_ready
from tests.conftest import MakeCorrespondent

_CHUNK_BYTES = 65_536


class Front:
    """Stands before the product, and can give out the worker of another version."""

    def __init__(self, product: Product) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.version = ""
        self._product = product
        self._names = (
            (self.url.encode(), product.url.encode()),
            (self.url[7:].encode(), product.url[7:].encode()),
        )

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(*self._product.url[7:].split(":"))
        back = asyncio.create_task(self._pass(up_reader, writer))
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK_BYTES):
                if self.version and chunk.startswith(b"GET /sw.js "):
                    writer.write(await self._script())
                    continue
                for ours, theirs in self._names:
                    chunk = chunk.replace(ours, theirs)
                up_writer.write(chunk)
        back.cancel()
        up_writer.close()
        writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK_BYTES):
                writer.write(chunk)
            writer.close()

    async def _script(self) -> bytes:
        async with aiohttp.ClientSession() as http, http.get(f"{self._product.url}/sw.js") as answer:
            script = re.sub(
                r'"version":"\w+"', f'"version":"{self.version}"', await answer.text(), count=1
            ).encode()
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nService-Worker-Allowed: /\r\n"
            f"Content-Length: {len(script)}\r\n\r\n"
        )
        return head.encode() + script


@pytest_asyncio.fixture(loop_scope="session")
async def front(product: Product) -> AsyncIterator[Front]:
    made = Front(product)
    server = await asyncio.start_server(made.serve, "127.0.0.1", made.port)
    yield made
    server.close()


@pytest.mark.asyncio(loop_scope="session")
async def test_a_new_version_takes_over_without_a_reload_and_nothing_typed_is_lost(
    front: Front, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann", service_workers="allow")
    bob = await correspondent("Bob", ann)
    await bob.say("hello")
    ann.url = front.url
    await ann.open(bob)
    await until_ready(ann.page, "hello")
    await ann.box.fill("half a sen")
    await ann.page.evaluate("window.before = true")
    front.version = "newer"
    await ann.page.evaluate(
        "navigator.serviceWorker.getRegistration().then((one) => one.update()).then(() => null)"
    )
    await until_kept(ann.page, "cache duet-newer", "/shell/")
    while any(name.startswith("cache") and "newer" not in name for name in await everything(ann.page)):
        await asyncio.sleep(0.02)
    loaded = "performance.getEntriesByType('resource').some(({ name }) => name.includes('/chunks/viewer-'))"
    assert await ann.page.evaluate(loaded), "what the page has not opened yet was about to be nowhere"
    await expect(ann.box).to_have_value("half a sen")
    await ann.box.press("End")
    await ann.box.press_sequentially("tence")
    await ann.box.press("Enter")
    await ann.sees("hello", "half a sentence")
    await expect(ann.message("half a sentence").locator(".state")).to_have_text(
        re.compile("Sent|Read|Delivered")
    )
    assert await ann.page.evaluate("window.before")

    await ann.box.fill("a draft")
    await until_kept(ann.page, "localStorage", "a draft")
    await until_ready(ann.page, "half a sentence")
    await ann.page.close()
    await ann.context.set_offline(True)
    again = Chatter(ann.url, await ann.context.new_page(), ann.username, ann.display_name)
    await again.page.goto(f"{ann.url}/messages/{bob.username}")
    await again.sees("hello", "half a sentence")
    await expect(again.box).to_have_value("a draft")
