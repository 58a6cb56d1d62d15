"""Chromium's contexts, lent to one test after another: a new one costs more than a page does that is in it."""

from collections.abc import Callable
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "service_workers": "block"}
_IDLE = 4
"""How many wait for the next test; each has a process, and its memory."""
_NAMES = (
    "Object.getOwnPropertyNames(window).filter((name) => !/^__(pwWebSocketB|playwright__b)inding/.test(name))"
)
"""The globals of a page. Without those by which a test takes a page's sockets, as they do nothing in another page."""


class Lent:
    """A context, and the page that is open in it. on_page: is told of each that opens. names: a new page's."""

    def __init__(
        self, context: BrowserContext, page: Page, options: dict[str, Any], names: list[str]
    ) -> None:
        self.context = context
        self.page = page
        self.options = options
        self.names = names
        self.on_page: Callable[[Page], None] = lambda page: None
        context.on("page", lambda opened: self.on_page(opened))


class Contexts:
    """Those of one browser. origin: of which they forget everything before somebody else has them.

    Those with a service worker, permissions, or more globals than a new page has (another clock, a function of the
    test) are used once. So must be one whose test adds a script to all pages of it: no one sees that.
    """

    def __init__(self, browser: Browser, origin: str) -> None:
        self._browser = browser
        self._origin = origin
        self._idle: list[Lent] = []
        self._own: set[BrowserContext] = set()

    async def close_others(self) -> None:
        """Those of the browser that were not lent."""
        for context in self._browser.contexts:
            if context not in self._own:
                await context.close()

    async def lend(self, on_page: Callable[[Page], None], **options: Any) -> Lent:
        """One with a page, as of a browser that was never here. options: those of a desktop, and these."""
        wanted = {**DESKTOP, **options}
        lent = next((each for each in reversed(self._idle) if each.options == wanted), None)
        if lent:
            self._idle.remove(lent)
        else:
            context = await self._browser.new_context(**wanted)
            self._own.add(context)
            page = await context.new_page()
            lent = Lent(context, page, wanted, await page.evaluate(_NAMES))
        lent.on_page = on_page
        on_page(lent.page)
        return lent

    async def take_back(self, lent: Lent) -> None:
        """All its pages close, and what it kept is deleted."""
        lent.on_page = lambda page: None
        once = lent.options["service_workers"] == "allow" or "permissions" in lent.options
        if once or not await self._emptied(lent):
            await self._end(lent)
            return
        self._idle.append(lent)
        if len(self._idle) > _IDLE:
            await self._end(self._idle.pop(0))

    async def _end(self, lent: Lent) -> None:
        self._own.remove(lent.context)
        await lent.context.close()

    async def _emptied(self, lent: Lent) -> bool:
        """Whether it is as good as new. The next page opens first: with the last page its process would end."""
        context = lent.context
        lent.page = await context.new_page()
        for page in context.pages:
            if page is not lent.page:
                await page.close()
        await context.set_offline(False)
        await context.unroute_all(behavior="ignoreErrors")
        await context.clear_cookies()
        await context.clear_permissions()
        browser = await context.new_cdp_session(lent.page)
        await browser.send("Storage.clearDataForOrigin", {"origin": self._origin, "storageTypes": "all"})
        await browser.detach()
        return bool(await lent.page.evaluate(_NAMES) == lent.names)
