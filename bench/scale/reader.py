"""Somebody who reads a long thread in Chromium."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import BrowserContext, Page, async_playwright

from shared.testing.long_thread import write_long
from shared.testing.people import PASSWORD
from shared.testing.product import Product

_CHROMIUM = ("chromium-headless-shell", "chromium")
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"]
_READER, _OTHER = "ann-reads", "bob-wrote"


@asynccontextmanager
async def reader(product: Product, count: int, told: dict[int, str] | None = None) -> AsyncIterator[Page]:
    """Her page, empty yet; `open_long` shows the thread of `count` messages. told: what some say besides, by seq."""
    async with async_playwright() as playwright:
        path = next(filter(None, map(shutil.which, _CHROMIUM)))
        browser = await playwright.chromium.launch(executable_path=path, args=_FLAGS)
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        for username in (_OTHER, _READER):
            await _sign_up(context, product, username)
        await write_long(product, _READER, _OTHER, count, told=told)
        yield await context.new_page()
        await browser.close()


async def open_long(page: Page, product: Product) -> None:
    """Shows the thread, and waits until the page has all that it does."""
    await page.goto(f"{product.url}/messages/{_OTHER}")
    await page.locator("#new-chat:enabled").wait_for()
    await page.locator("#messages .message").first.wait_for()


async def _sign_up(context: BrowserContext, product: Product, username: str) -> None:
    """The context's cookie is that of the new account."""
    account = {"username": username, "password": PASSWORD}
    answer = await context.request.post(f"{product.url}/api/accounts", data=account)
    assert answer.status == 201, await answer.text()
