"""The start page: what a stranger sees and can do at once."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, Response, expect

from shared.testing.product import Product
from tests.axe import no_violations

LOOKS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone, dark": {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
        "color_scheme": "dark",
    },
}
_NOTE_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(({ value, sources }) =>
    [value, sources.map(({ node }) => node?.nodeName + "." + node?.className)])))
    .observe({ type: "layout-shift", buffered: true });
"""
MAX_TRANSFER_BYTES = 40_000


async def _in_one_screen(page: Page) -> None:
    for name in ("Sign up", "Log in"):
        await expect(page.get_by_role("main").get_by_role("link", name=name)).to_be_in_viewport(ratio=1)
    await expect(page.get_by_role("button", name="Row 3, column 3")).to_be_in_viewport(ratio=1)
    await expect(page.get_by_role("status")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("look", LOOKS)
async def test_a_stranger_sees_what_it_is_and_plays_at_once(
    product: Product, browser: Browser, look: str
) -> None:
    context = await browser.new_context(**LOOKS[look])
    page = await context.new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    await page.add_init_script(_NOTE_SHIFTS)
    await page.goto(product.url)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Private chat for two")
    await _in_one_screen(page)
    await page.wait_for_load_state("networkidle")
    sizes = [(await answer.request.sizes())["responseBodySize"] for answer in answers]
    assert sum(sizes) < MAX_TRANSFER_BYTES
    await no_violations(page)
    await page.get_by_role("button", name="Row 2, column 2, empty").click()
    await expect(page.get_by_role("button", name="Row 2, column 2, X")).to_be_visible()
    await expect(page.locator(".cell[aria-label$=', O']")).to_have_count(1)
    await expect(page.get_by_role("status")).to_contain_text("Your turn.")
    await _in_one_screen(page)
    assert await page.evaluate("shifts") == []
    await page.route("**/api/tictactoe/move", lambda route: route.abort())
    await page.locator(".cell[aria-label$=', empty']").first.click()
    await expect(page.get_by_role("status")).to_contain_text("cannot be reached")
    await expect(page.locator(".cell[aria-label$=', X']")).to_have_count(1)  # to be tried again
    await page.get_by_role("button", name="New game").click()
    await expect(page.locator(".cell[aria-label$=', empty']")).to_have_count(9)
    await page.get_by_role("main").get_by_role("link", name="Sign up").click()
    await expect(page.get_by_label("Username")).to_be_visible()
    await context.close()
