"""What axe finds on a page: WCAG by the browser's own names, roles and colours."""

from axe_playwright_python.async_playwright import Axe
from axe_playwright_python.base import AxeResults
from playwright.async_api import Page

# A colour half-way through its transition has no contrast to judge. axe takes a while, in which what the page shows
# may change; so nothing fades from here on.
SETTLE = """async () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { transition: none !important }");
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    await Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)));
}"""


async def violations(page: Page) -> AxeResults:
    """What axe finds."""
    await page.evaluate(SETTLE)
    return await Axe().run(page)


async def no_violations(page: Page) -> None:
    """axe finds nothing."""
    found = await violations(page)
    assert found.response["violations"] == [], found.generate_report()
