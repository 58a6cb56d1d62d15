"""What axe finds on a page: WCAG by the browser's own names, roles and colours."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.async_api import Page

# A colour half-way through its transition has no contrast to judge. axe takes a while, in which what the page shows
# may change; so nothing fades from here on.
SETTLE = """async () => {
    if (!window.settled) {
        window.settled = new CSSStyleSheet();
        window.settled.replaceSync("* { transition: none !important }");
    }
    const sheets = document.adoptedStyleSheets;
    if (!sheets.includes(window.settled)) document.adoptedStyleSheets = [...sheets, window.settled];
    await Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)));
    return "axe" in window;
}"""
_RUN = "axe.run({resultTypes: ['violations']}).then(({violations}) => ({violations}))"


async def violations(page: Page) -> AxeResults:
    """What axe finds. A page keeps the script of it, which takes as long to load as to run."""
    if not await page.evaluate(SETTLE):
        await page.evaluate(AXE_SCRIPT)
    return AxeResults(await page.evaluate(_RUN))


class Look(NamedTuple):
    """How a page is seen. size: width and height of the window; None: as it is."""

    scheme: Literal["light", "dark"]
    size: tuple[int, int] | None = None

    async def on(self, page: Page) -> None:
        await page.emulate_media(color_scheme=self.scheme)
        if self.size:
            await page.set_viewport_size({"width": self.size[0], "height": self.size[1]})


SCHEMES = (Look("light"), Look("dark"))


async def no_violations(page: Page, looks: Sequence[Look] = ()) -> None:
    """axe finds nothing: as the page is, or in each of the looks, of which it keeps the last."""
    for look in looks or (None,):
        if look:
            await look.on(page)
        found = await violations(page)
        assert found.response["violations"] == [], f"{look}: {found.generate_report()}"
