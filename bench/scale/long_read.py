"""Reading a thread of 100,000 messages in Chromium: what the page holds, and the time of its scripts a step.

By hand: `python -m bench.scale.long_read`. The figures are in docs/decisions/0013-history-as-runs.md.
"""

import asyncio
from collections.abc import Mapping

from playwright.async_api import CDPSession, Page

from bench.scale.reader import open_long, reader
from shared.testing.product import Product, running_product

_MESSAGES = 100_000
_PAGES = (40, 160)
_JUMPS = 100

_END = "at => [...document.querySelectorAll('#messages .message')].at(at).dataset.seq"
_GROWN = "([at, end]) => [...document.querySelectorAll('#messages .message')].at(at).dataset.seq !== end"


def main() -> None:
    """Prints a line a stage."""
    with running_product({"DUET_RATE_LIMITS": "off"}) as product:
        asyncio.run(_measure(product))


async def _measure(product: Product) -> None:
    async with reader(product, _MESSAGES) as page:
        cdp = await page.context.new_cdp_session(page)
        await cdp.send("Performance.enable")
        await open_long(page, product)
        await _say("opened", cdp, page, 0, {})
        for count in _PAGES:
            await _scroll(f"{count} pages up", cdp, page, count, at=0, to=0)
        before = await _metrics(cdp)
        for number in range(_JUMPS):
            seq = 500 + number * (_MESSAGES - 4000) // _JUMPS
            await page.evaluate("seq => { location.hash = `#m-${seq}` }", seq)
            await page.locator(f".message[data-seq='{seq}']:focus").wait_for()
        await _say(f"{_JUMPS} jumps", cdp, page, _JUMPS, before)
        await _scroll("40 pages down", cdp, page, 40, at=-1, to=1e9)


async def _scroll(what: str, cdp: CDPSession, page: Page, count: int, *, at: int, to: float) -> None:
    """at: which end of the log grows; to: where that is."""
    before = await _metrics(cdp)
    for _ in range(count):
        end = await page.evaluate(_END, at)
        await page.locator("#log").evaluate("(log, to) => { log.scrollTop = to }", to)
        await page.wait_for_function(_GROWN, arg=[at, end])
    await _say(what, cdp, page, count, before)


async def _metrics(cdp: CDPSession) -> dict[str, float]:
    found = await cdp.send("Performance.getMetrics")
    return {metric["name"]: metric["value"] for metric in found["metrics"]}


async def _say(what: str, cdp: CDPSession, page: Page, steps: int, before: Mapping[str, float]) -> None:
    after = await _metrics(cdp)
    spent = (after[name] - before.get(name, 0) for name in ("ScriptDuration", "LayoutDuration"))
    script, layout = (1000 * seconds / steps if steps else 0 for seconds in spent)
    await cdp.send("HeapProfiler.collectGarbage")
    held = await _metrics(cdp)
    shown = await page.locator("#messages .message").count()
    print(
        f"{what}: script {script:.1f} ms, layout {layout:.1f} ms a step; "
        f"heap {held['JSHeapUsedSize'] / 1e6:.1f} MB, {held['Nodes']:.0f} nodes, {shown} messages shown"
    )


if __name__ == "__main__":
    main()
