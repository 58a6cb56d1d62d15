"""Files on their way in or out. A program that ends lets them arrive first: nobody else can go on with half of one."""

import asyncio
import contextlib
from collections.abc import Iterator

from aiohttp import web

FINISH_S = 6.0


class Transfers:
    """Those of one process."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Future[None]] = set()

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """As long as it takes."""
        over = asyncio.get_running_loop().create_future()
        self._under_way.add(over)
        try:
            yield
        finally:
            self._under_way.discard(over)
            over.set_result(None)

    async def finish(self, _: web.Application) -> None:
        """Waits for those that have begun, while the program still listens: a balancer cuts off who does not."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=FINISH_S)
