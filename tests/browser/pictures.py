"""Compares screenshots as an eye would: by how far any point of one is from the other."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page

NOTICEABLE = 12
"""Of 255 in a channel: less is how edges happen to be smoothed."""

_FURTHEST = """async (pictures) => {
    const points = await Promise.all(pictures.map(async (picture) => {
        const blob = await (await fetch(`data:image/png;base64,${picture}`)).blob();
        const bitmap = await createImageBitmap(blob);
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
        context.drawImage(bitmap, 0, 0);
        return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
    }));
    if (points[0].length !== points[1].length) return 255;
    return points[0].reduce((most, value, index) => Math.max(most, Math.abs(value - points[1][index])), 0);
}"""


async def look_alike(page: Page, one: bytes, other: bytes) -> bool:
    """Whether two PNG pictures show the same. page: any that may fetch, such as a blank one."""
    pictures = [b64encode(picture).decode() for picture in (one, other)]
    return bool(await page.evaluate(_FURTHEST, pictures) < NOTICEABLE)


@asynccontextmanager
async def still(page: Page) -> AsyncIterator[None]:
    """Within the block a copy stands in the place of the page's body: its scripts do not draw there anew."""
    await page.evaluate(
        "window.live = document.body, document.body.replaceWith(document.body.cloneNode(true))"
    )
    yield
    await page.evaluate("document.body.replaceWith(window.live)")
