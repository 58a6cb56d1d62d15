"""WebKitGTK by WebDriver: its MiniBrowser on a screen that nobody sees; a driver holds one session, so one a tab."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from shared.testing.product import free_port
from tests.engines.tab import PageError, Tab

_STARTS_WITHIN_S = 60.0
_OPENS_WITHIN_S = 30.0
"""Now and then its driver never answers who asks for a window; then another driver is started."""
_SCREEN = "1280x900x24"
_WATCH = """
window.wentWrong = [];
addEventListener("error", (event) => wentWrong.push(event.message));
addEventListener("unhandledrejection", (event) => wentWrong.push(`${event.reason}`));
document.addEventListener("securitypolicyviolation", ({ violatedDirective, sourceFile }) => {
  if (violatedDirective !== "style-src-attr") wentWrong.push(`policy: ${violatedDirective} of ${sourceFile}`);
});
"""
"""Not attributes of style: WebKit counts those of its own parts against the page now and then. That no page of ours has
one, the other engines watch."""


class WebKitTab(Tab):
    def __init__(self, http: aiohttp.ClientSession) -> None:
        super().__init__()
        self._http = http
        self._session = ""

    async def start(self, browser: Path) -> None:
        """Opens the window. Raises TimeoutError."""
        async with asyncio.timeout(_OPENS_WITHIN_S):
            while not await self._is_ready():
                await asyncio.sleep(0.05)
            options = {"binary": str(browser), "args": ["--automation"]}
            wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
            self._session = (await self._ask("POST", "", wanted))["sessionId"]
        await self._ask("POST", "/window/rect", {"width": 1280, "height": 900})

    async def _is_ready(self) -> bool:
        with contextlib.suppress(aiohttp.ClientError):
            async with self._http.get("/status") as answer:
                return answer.ok
        return False

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        session = f"/session/{self._session}" if self._session else "/session"
        async with self._http.request(method, session + path, json=body) as answer:
            value = (await answer.json(content_type=None))["value"]
            if not answer.ok:
                raise PageError(f"{path}: {value['error']}: {value['message']}")
            return value

    async def stop(self) -> None:
        """Closes it."""
        await self._ask("DELETE", "")

    async def goto(self, url: str) -> None:
        await self.watched()
        await self._ask("POST", "/url", {"url": url})
        await self._ask("POST", "/execute/sync", {"script": _WATCH, "args": []})

    async def reload(self) -> None:
        await self.watched()
        await self._ask("POST", "/refresh", {})
        await self._ask("POST", "/execute/sync", {"script": _WATCH, "args": []})

    async def watched(self) -> None:
        """The driver tells of no errors: the page itself listens for them once it has loaded."""
        self.errors += await self.call("() => (window.wentWrong ?? []).splice(0)")

    async def evaluate(self, expression: str) -> Any:
        script = f"{expression}.then((value) => arguments[0]([value]), (error) => arguments[0](`${{error}}`))"
        said = await self._ask("POST", "/execute/async", {"script": script, "args": []})
        if isinstance(said, str):
            raise PageError(said)
        return said[0]

    async def act(self, *sources: dict[str, Any]) -> None:
        await self._ask("POST", "/actions", {"actions": list(sources)})


class WebKit:
    """display: of the X server for its windows."""

    def __init__(self, display: str) -> None:
        self._display = display
        self._browser = next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))

    @contextlib.asynccontextmanager
    async def tab(self) -> AsyncIterator[Tab]:
        """A new one, as of a browser that was never here."""
        async with contextlib.AsyncExitStack() as stack:
            try:
                opened = await stack.enter_async_context(self._tab())
            except TimeoutError:
                opened = await stack.enter_async_context(self._tab())
            yield opened

    @contextlib.asynccontextmanager
    async def _tab(self) -> AsyncIterator[Tab]:
        port = free_port()
        driver = await asyncio.create_subprocess_exec(
            "WebKitWebDriver", f"--port={port}", env={**os.environ, "DISPLAY": self._display},
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
                opened = WebKitTab(http)
                await opened.start(self._browser)
                yield opened
                await opened.stop()
        finally:
            driver.terminate()
            await driver.wait()


@contextlib.asynccontextmanager
async def webkit() -> AsyncIterator[WebKit]:
    """With an X server of its own."""
    server = await asyncio.create_subprocess_exec(
        "Xvfb", "-displayfd", "1", "-screen", "0", _SCREEN, "-nolisten", "tcp",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert server.stdout is not None
    try:
        async with asyncio.timeout(_STARTS_WITHIN_S):
            number = (await server.stdout.readline()).decode().strip()
        yield WebKit(f":{number}")
    finally:
        server.terminate()
        await server.wait()
