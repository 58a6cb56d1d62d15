"""The pure modules of the pages, run in a browser."""

from typing import Any

from playwright.async_api import Page


class Modules:
    """The scripts of the pages, callable by name."""

    def __init__(self, page: Page, root: str) -> None:
        self.page = page
        self.root = root

    async def run(self, module: str, body: str, *arguments: Any) -> Any:
        """What `body` returns, a function of the module's exports `m` and of the arguments `a`."""
        script = "async ([url, a]) => { const m = await import(url); " + body + " }"
        return await self.page.evaluate(script, [f"{self.root}/{module}.js", list(arguments)])
