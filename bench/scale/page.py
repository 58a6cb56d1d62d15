"""The chat's page in Chromium on a slow line: what it transfers, and when people can read and write."""

import asyncio
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bench.targets.duet import RunningDuet, duet

_CHROMIUM = "/usr/bin/chromium"
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"]
_MESSAGES = 60
_WITHIN_S = 30.0
_POLL_S = 0.05

PROFILES: Mapping[str, Mapping[str, Any]] = {
    "none": {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    # WebPageTest's "3GFast", which Lighthouse calls slow 4G
    "fast 3G": {"latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8},
    # DevTools' preset of that name: its latency is for the request and not for the line
    "DevTools Fast 3G": {"latency": 562.5, "downloadThroughput": 1.44e6 / 8, "uploadThroughput": 0.675e6 / 8},
}

_WATCH = """
addEventListener('DOMContentLoaded', () => {
  const seen = () => {
    const message = document.querySelector('[role="log"] li.message');
    const box = document.querySelector('form textarea');
    if (message) window.firstMessage ??= performance.now();
    if (box && !box.disabled) window.canWrite ??= performance.now();
  };
  seen();
  new MutationObserver(seen).observe(document.documentElement, {childList: true, subtree: true, attributes: true});
});
"""


class Visit(msgspec.Struct, frozen=True):
    """bytes: over the line, headers and the socket's frames included. ms: since navigation started."""

    profile: str
    visit: str
    bytes: int
    requests: int
    first_message_ms: float
    can_write_ms: float
    first_paint_ms: float


def measure() -> list[Visit]:
    """A first visit with an empty cache, then another, on every profile."""
    with duet() as running:
        return asyncio.run(_measure(running))


async def _measure(running: RunningDuet) -> list[Visit]:
    (ann, cookie), (bob, other) = await running.log_in(["ann-page", "bob-page"])
    await _write(running, other, to=ann)
    visits = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        for warm in ("warm-up", *PROFILES):
            context = await _browser_of(browser, running, cookie)
            for visit in ("first", "again"):
                measured = await _visit(context, running, bob, warm, visit)
                if warm != "warm-up":
                    visits.append(measured)
            await context.close()
        await browser.close()
    return visits


async def _write(running: RunningDuet, cookie: str, to: str) -> None:
    async with aiohttp.ClientSession(running.base_urls[0], headers={"Cookie": cookie}) as http:
        for number in range(_MESSAGES):
            message = {
                "client_id": str(uuid.uuid4()),
                "text": f"Message {number} of a conversation that goes on",
            }
            async with http.post(f"/api/threads/{to}/messages", json=message) as response:
                assert response.status == 201, await response.text()


async def _browser_of(browser: Browser, running: RunningDuet, cookie: str) -> BrowserContext:
    context = await browser.new_context()
    name, _, value = cookie.partition("=")
    host = urlsplit(running.base_urls[0]).hostname or ""
    await context.add_cookies([{"name": name, "value": value, "domain": host, "path": "/"}])
    await context.add_init_script(_WATCH)
    return context


async def _visit(context: BrowserContext, running: RunningDuet, peer: str, profile: str, visit: str) -> Visit:
    page = await context.new_page()
    cdp = await context.new_cdp_session(page)
    sizes: list[int] = []
    frames: list[int] = []
    cdp.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    cdp.on(
        "Network.webSocketFrameReceived", lambda event: frames.append(len(event["response"]["payloadData"]))
    )
    await cdp.send("Network.enable")
    limits = PROFILES.get(profile, PROFILES["none"])
    await cdp.send("Network.emulateNetworkConditions", {"offline": False, **limits})
    await page.goto(f"{running.base_urls[0]}/messages/{peer}")
    first_message, can_write = await _times(page)
    await page.wait_for_load_state("networkidle")
    paint = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
    await page.close()
    return Visit(profile, visit, sum(sizes) + sum(frames), len(sizes), first_message, can_write, paint)


async def _times(page: Page) -> tuple[float, float]:
    """When the first message was there and the box could be written in. Asked for: the page's CSP forbids to wait."""
    async with asyncio.timeout(_WITHIN_S):
        while True:
            first_message, can_write = await page.evaluate("[window.firstMessage, window.canWrite]")
            if first_message and can_write:
                return first_message, can_write
            await asyncio.sleep(_POLL_S)
