"""The distribution's Firefox by WebDriver BiDi, which it speaks itself: one process, and a user context a tab."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp

from tests.engines.tab import PageError, Tab

_STARTS_WITHIN_S = 60.0
_LINE_CUT = (
    "can’t establish a connection",
    "was interrupted while the page was loading",
    "A ServiceWorker intercepted the request and encountered an unexpected error",  # its page was left meanwhile
)
_LISTENS = "WebDriver BiDi listening on "


class Firefox:
    """A BiDi session."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.tabs: dict[str, FirefoxTab] = {}

    async def read(self) -> None:
        """Hands out answers, and the errors of the pages' scripts, until the socket ends."""
        async for message in self._socket:
            said = message.json()
            if said["type"] == "event":
                self._note(said["params"])
            elif waiting := self._answers.pop(said["id"], None):
                waiting.set_result(said)

    async def ask(self, method: str, **params: Any) -> Any:
        """The result of a command. Raises PageError."""
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        said = await self._answers[number]
        if said["type"] == "error":
            raise PageError(f"{method}: {said['error']}: {said['message']}")
        return said["result"]

    def _note(self, entry: dict[str, Any]) -> None:
        tab = self.tabs.get(entry["source"].get("context", ""))
        if tab is None or (entry["level"], entry["type"]) != ("error", "javascript"):
            return
        if not any(said in entry["text"] for said in _LINE_CUT):
            tab.errors.append(entry["text"])

    @contextlib.asynccontextmanager
    async def tab(self) -> AsyncIterator[Tab]:
        """A new one, as of a browser that was never here. All are in sight: a second one has a window of its own."""
        user = (await self.ask("browser.createUserContext"))["userContext"]
        kind = "window" if self.tabs else "tab"
        context = (await self.ask("browsingContext.create", type=kind, userContext=user))["context"]
        self.tabs[context] = tab = FirefoxTab(self, context)
        yield tab
        await self.ask("browser.removeUserContext", userContext=user)
        del self.tabs[context]


class FirefoxTab(Tab):
    def __init__(self, firefox: Firefox, context: str) -> None:
        super().__init__()
        self._firefox = firefox
        self._context = context

    async def goto(self, url: str) -> None:
        await self._firefox.ask("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def reload(self) -> None:
        await self._firefox.ask("browsingContext.reload", context=self._context, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        said = await self._firefox.ask(
            "script.evaluate", expression=expression, target={"context": self._context}, awaitPromise=True
        )
        if said["type"] == "exception":
            raise PageError(said["exceptionDetails"]["text"])
        return said["result"]["value"]

    async def act(self, *sources: dict[str, Any]) -> None:
        await self._firefox.ask("browsingContext.activate", context=self._context)
        await self._firefox.ask("input.performActions", context=self._context, actions=list(sources))


@contextlib.asynccontextmanager
async def firefox(
    directory: Path, preferences: Mapping[str, bool | int | str] | None = None, root: Path | None = None
) -> AsyncIterator[Firefox]:
    """Runs one with a profile in `directory`. root: the certificate of an authority that it trusts, too."""
    directory.mkdir(exist_ok=True)
    chosen = (
        f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
        for name, value in (preferences or {}).items()
    )
    (directory / "user.js").write_text("".join(chosen))
    if root:
        await _trust(directory, root)
    process = await asyncio.create_subprocess_exec(
        "firefox-esr", "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", str(directory),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_STARTS_WITHIN_S):
            url = await _address(process)
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(f"{url}/session", max_msg_size=0) as socket,
        ):
            running = Firefox(socket)
            reading = asyncio.create_task(running.read())
            await running.ask("session.new", capabilities={})
            await running.ask("session.subscribe", events=["log.entryAdded"])
            yield running
            reading.cancel()
    finally:
        process.terminate()
        await process.communicate()


async def _trust(directory: Path, root: Path) -> None:
    database = ("-d", f"sql:{directory}")
    added = ("-A", "-n", "root", "-t", "C,,", "-i", str(root))
    for arguments in (("-N", "--empty-password"), added):
        process = await asyncio.create_subprocess_exec("certutil", *arguments[:1], *database, *arguments[1:])
        assert await process.wait() == 0


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        if _LISTENS in (said := line.decode()):
            return said.partition(_LISTENS)[2].strip()
    raise AssertionError("Firefox ended before it listened")
