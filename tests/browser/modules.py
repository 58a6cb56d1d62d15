"""The scripts of the pages, callable by name."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import Page

import gateway

ROOT = Path(gateway.__file__).parent / "static" / "js"
NODE = Path(sys.executable).with_name("node")

_IN_NODE = """
import { text } from "node:stream/consumers";
const [url, a] = JSON.parse(await text(process.stdin));
const m = await import(url);
const run = async () => { %s };
process.stdout.write(JSON.stringify(await run()) ?? "null");
"""


class Modules:
    """Those that need no page, run by node: much sooner than a browser has a page for them."""

    async def run(self, module: str, body: str, *arguments: Any) -> Any:
        """What `body` returns, a function of the module's exports `m` and of the arguments `a`."""
        process = await asyncio.create_subprocess_exec(
            NODE,
            "--input-type=module",
            "-e",
            _IN_NODE % body,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        given = json.dumps([(ROOT / f"{module}.js").as_uri(), arguments]).encode()
        said, _ = await process.communicate(given)
        assert process.returncode == 0
        return json.loads(said)


class PageModules:
    """All of them, run in a page."""

    def __init__(self, page: Page, root: str) -> None:
        self.page = page
        self.root = root

    async def run(self, module: str, body: str, *arguments: Any) -> Any:
        """As `Modules.run`."""
        script = "async ([url, a]) => { const m = await import(url); " + body + " }"
        return await self.page.evaluate(script, [f"{self.root}/{module}.js", list(arguments)])
