"""A running Duet to inject faults into: its processes, addresses and database, and its programs' settings."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from redis import asyncio as aioredis

from deploy.local.program import Program
from deploy.local.settings import from_environment
from shared.testing.product import Product, free_port, running_product
from tests.chaos.crowd import until
from tests.chaos.proxy import Proxy
from tests.chaos.supervise import OVERRIDES, usual

Overrides = Mapping[str, Mapping[str, str]]


class Instance:
    """told: what the supervisor tells every program (DUET_POSTGRES_URL, DUET_REDIS_URL, DUET_THREADS_URL, …).

    proxies: those that stand between its programs, by line. programs: by name, as the supervisor knows them.
    """

    def __init__(
        self,
        product: Product,
        told: Mapping[str, str],
        programs: Mapping[str, Program],
        standing: Overrides,
    ) -> None:
        self.product = product
        self.public_url = told.get("DUET_PUBLIC_URL") or product.url
        self.told = told
        self.programs = programs
        self.standing = standing
        self.proxies: dict[str, Proxy] = {}

    @property
    def relays(self) -> list[str]:
        return [name for name in self.product.names() if name.startswith("relay-")]

    def tell(self, overrides: Overrides) -> None:
        """What programs hear at their next start instead of the usual, beside what they were told from the first."""
        names = {*self.standing, *overrides}
        merged = {name: {**self.standing.get(name, {}), **overrides.get(name, {})} for name in names}
        tell(self.product.data_dir, merged)

    def process(self, name: str) -> psutil.Process:
        """Raises OSError or psutil.NoSuchProcess while it is dead."""
        return psutil.Process(self.product.pid(name))

    async def signal(self, name: str, number: int = signal.SIGKILL) -> int:
        """Sends it as soon as the process is there; its id."""
        while True:
            with contextlib.suppress(OSError, ValueError):
                return self.product.kill(name, number)
            await asyncio.sleep(0.01)

    async def restarted(self, name: str, before: int, within_s: float = 30.0) -> bool:
        """Waits until the supervisor runs it under another process id."""

        def another() -> bool:
            try:
                return self.product.pid(name) != before
            except (OSError, ValueError):
                return False

        return await until(another, within_s)

    async def ready(self, name: str, within_s: float = 30.0) -> bool:
        """Waits until the supervisor would call it ready."""
        probe = self.programs[name].ready
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while await probe():
                    await asyncio.sleep(0.02)
                return True
        return False

    @property
    def log_urls(self) -> list[str]:
        """Of each server that holds a part of the log."""
        first = self.told.get("DUET_THREADS_POSTGRES_URL") or self.told["DUET_POSTGRES_URL"]
        return [first, *self.told.get("DUET_THREADS_SHARD_URLS", "").split()]

    @contextlib.asynccontextmanager
    async def postgres(self, url: str = "") -> AsyncIterator[Any]:
        """One connection, patient with a server that is starting. url: of the one that is told to all, by default."""
        async with asyncio.timeout(30.0):
            connection = await self._connect(url or self.told["DUET_POSTGRES_URL"])
        try:
            yield connection
        finally:
            await connection.close()

    @staticmethod
    async def _connect(url: str) -> Any:
        while True:
            try:
                return await asyncpg.connect(url, timeout=5.0, target_session_attrs="read-write")
            except (OSError, asyncpg.PostgresError, asyncpg.TargetServerAttributeNotMatched):
                await asyncio.sleep(0.1)

    @contextlib.asynccontextmanager
    async def redis(self) -> AsyncIterator[aioredis.Redis]:
        client = aioredis.from_url(self.told["DUET_REDIS_URL"], socket_timeout=5.0)
        try:
            yield client
        finally:
            await client.aclose()


def tell(data_dir: Path, overrides: Overrides) -> None:
    """Writes the overrides whole: a program that starts meanwhile reads the old ones or the new ones."""
    fresh = data_dir / f".{OVERRIDES}"
    fresh.write_text(json.dumps(overrides))
    fresh.replace(data_dir / OVERRIDES)


def programs_of(data_dir: Path, port: int, settings: Mapping[str, str]) -> dict[str, Program]:
    """What the supervisor of an instance there will run."""
    environment = {**settings, "DUET_DATA_DIR": str(data_dir), "DUET_PORT": str(port)}
    return {program.name: program for stage in usual(from_environment(environment)) for program in stage}


def addresses(programs: Mapping[str, Program], settings: Mapping[str, str]) -> dict[str, str]:
    """The DUET_* that all of them are told."""
    told = programs["gateway" if "gateway" in programs else "gateway-1"].options["env"]
    return {**{name: text for name, text in told.items() if name.startswith("DUET_")}, **settings}


@contextlib.asynccontextmanager
async def instance(
    data_dir: Path, settings: Mapping[str, str], overrides: Overrides | None = None, port: int | None = None
) -> AsyncIterator[Instance]:
    """Starts and stops one. overrides: as in `Instance.tell`, from the first start on."""
    port = port or free_port()
    programs = programs_of(data_dir, port, settings)
    tell(data_dir, overrides or {})
    running = running_product(settings, data_dir, port, module="tests.chaos.supervise")
    product = await asyncio.to_thread(running.__enter__)
    try:
        yield Instance(product, addresses(programs, settings), programs, overrides or {})
    finally:
        for name in product.names():  # a frozen program would not see its signal to end
            with contextlib.suppress(OSError, ValueError):
                os.kill(product.pid(name), signal.SIGCONT)
        await asyncio.to_thread(running.__exit__, None, None, None)
