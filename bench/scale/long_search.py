"""Searching 1,000,000 messages of one's own in Chromium: from a key to the hits, and from a hit to its message.

By hand: `python -m bench.scale.long_search`; the log is filled in some minutes. The figures are in docs/performance.md.
"""

import asyncio
import statistics
from collections.abc import Sequence

from playwright.async_api import Page

from bench.scale.reader import open_long, reader
from shared.testing.product import Product, running_product

_MESSAGES = 1_000_000
_ONE_IN = {"rarely": 100_000, "sometimes": 1_000, "often": 50}
_TURNS = 15

# Milliseconds from the last key until a hit is marked with the word: the page's pause while somebody types is in it.
_FOUND = """async word => {
    const box = document.activeElement;
    box.value = "";
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
    const began = performance.now();
    box.value = word;
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
    const marked = () => [...document.querySelectorAll("#search-hits mark")].some((mark) => mark.textContent === word);
    while (!marked()) await new Promise(requestAnimationFrame);
    return performance.now() - began;
}"""
# Milliseconds from the choice of the hit at this place until its message, among those around it, has the focus.
_REACHED = """async at => {
    const began = performance.now();
    [...document.querySelectorAll("#search-hits a")].at(at).click();
    while (!document.activeElement.matches(".message")) await new Promise(requestAnimationFrame);
    return performance.now() - began;
}"""


def main() -> None:
    """Prints a line a word."""
    with running_product({"DUET_RATE_LIMITS": "off"}) as product:
        asyncio.run(_measure(product))


async def _measure(product: Product) -> None:
    told = {
        seq: f"{word} {seq}"
        for word, one_in in _ONE_IN.items()
        for seq in range(one_in // 2, _MESSAGES, one_in)
    }
    async with reader(product, _MESSAGES, told) as page:
        for word in _ONE_IN:
            await open_long(page, product)
            found = [await _found(page, word) for _ in range(_TURNS)]
            reached = [await _reached(page, word, turn) for turn in range(_TURNS)]
            print(
                f"{word} (one message in {_ONE_IN[word]}): {_spread(found)} to the hits; {_spread(reached)} to one"
            )


async def _found(page: Page, word: str) -> float:
    await _open(page)
    took: float = await page.evaluate(_FOUND, word)
    await page.locator("#search-close").click()
    return took


async def _reached(page: Page, word: str, turn: int) -> float:
    """A hit further down each time, so that its window has to be loaded."""
    await _open(page)
    await page.evaluate(_FOUND, word)
    took: float = await page.evaluate(_REACHED, turn % 10)
    await page.keyboard.press("Escape")
    return took


async def _open(page: Page) -> None:
    await page.keyboard.press("Control+k")
    await page.locator("#search-words").wait_for()


def _spread(took: Sequence[float]) -> str:
    return f"median {statistics.median(took):.0f} ms, at most {max(took):.0f} ms"


if __name__ == "__main__":
    main()
