"""Draws the icons that systems want as pixels, and the screenshots of the manifest: `python -m tests.browser.icons`.

They are committed: nothing draws when Duet runs. The mark is `icon.svg`; where a system cuts its own shape out, the
background goes to the edges and the mark stays within the safe circle.
"""

import asyncio
import re
from itertools import cycle
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

import gateway
from shared.testing.people import fresh_name
from shared.testing.product import Product, running_product
from tests.browser.chatter import Chatter
from tests.conftest import CHROMIUM, CHROMIUM_FLAGS, installed

IMAGES = Path(gateway.__file__).parent / "static" / "img"
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{size}" height="{size}">{shapes}</svg>'
_TALK = (
    "Shall we play before lunch?",
    "Yes. You begin.",
    "The centre, of course.",
    "Then I take a corner. See you at twelve?",
    "Twelve it is.",
)


def icons(mark: str) -> dict[str, str]:
    """By file, each picture as SVG."""
    ground, *bubbles = re.findall(r"<(?:rect|path)[^>]*/>", mark)
    full = re.sub(r' rx="\d+"', "", ground)
    wide = full.replace('width="64" height="64"', 'x="-16" y="-16" width="96" height="96"')
    shapes = "".join(bubbles)
    white = re.sub(r'fill="#\w+"', 'fill="#fff"', shapes)
    every = {
        "icon-192.png": (192, "0 0 64 64", ground + shapes),
        "icon-512.png": (512, "0 0 64 64", ground + shapes),
        "icon-maskable-512.png": (512, "-8 -8 80 80", wide + shapes),
        "apple-touch-icon.png": (180, "-3 -3 70 70", wide + shapes),
        "badge-96.png": (96, "8 8 48 48", white),
    }
    return {name: _SVG.format(size=size, box=box, shapes=parts) for name, (size, box, parts) in every.items()}


async def draw(browser: Browser) -> None:
    page = await browser.new_page()
    for name, picture in icons((IMAGES / "icon.svg").read_text()).items():
        await page.set_content(f"<style>body {{ margin: 0 }}</style>{picture}")
        await page.locator("svg").screenshot(path=IMAGES / name, omit_background=True)
    await page.close()


async def photograph(browser: Browser, product: Product) -> None:
    """A chat as it looks on a phone and on a desk."""
    narrow: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    wide: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
    people = []
    for name, options in (("Alma", narrow), ("Bruno", wide)):
        context = await browser.new_context(**options)
        people.append(Chatter(product.url, await context.new_page(), fresh_name(name.lower()), name))
        await people[-1].sign_up()
    alma, bruno = people
    await alma.open(bruno)
    await bruno.open(alma)
    for person, text in zip(cycle(people), _TALK, strict=False):
        await person.box.fill(text)
        await person.button("Send").click()
        for reader in people:
            await reader.message(text).wait_for()
    await alma.page.screenshot(path=IMAGES / "screenshot-narrow.png")
    await bruno.page.screenshot(path=IMAGES / "screenshot-wide.png")


async def main() -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=installed(CHROMIUM), args=CHROMIUM_FLAGS)
        await draw(browser)
        with running_product({"DUET_RATE_LIMITS": "off"}) as product:
            await photograph(browser, product)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
