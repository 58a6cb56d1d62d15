"""Somebody who reads in Chromium."""

import shutil

from playwright.async_api import Browser, BrowserContext, Playwright

from shared.testing.people import PASSWORD
from shared.testing.product import Product

_CHROMIUM = ("chromium-headless-shell", "chromium")
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"]


async def chromium(playwright: Playwright) -> Browser:
    """The distribution's."""
    path = next(filter(None, map(shutil.which, _CHROMIUM)))
    return await playwright.chromium.launch(executable_path=path, args=_FLAGS)


async def sign_up(context: BrowserContext, product: Product, username: str) -> None:
    """The context's cookie is that of a new account."""
    account = {"username": username, "password": PASSWORD}
    answer = await context.request.post(f"{product.url}/api/accounts", data=account)
    assert answer.status == 201, await answer.text()
