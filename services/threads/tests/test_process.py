"""The program itself: it starts from the environment, and ends with every batch answered."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.threads.config import Config
from services.threads.link import MAX_IN_FLIGHT
from services.threads.tests.driver import LINK, Link, User, item
from services.threads.tests.fake_auth import FakeAuth
from shared.plumbing.transport.address import Address
from shared.testing.packets import open_socket
from shared.testing.tokens import Tokens
from shared.wire.link import Appended


@pytest.fixture
def environment(config: Config, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DUET_LISTEN": f"unix:{tmp_path}/threads.sock",
        "DUET_KEYS_DIR": str(tmp_path),
        "DUET_POSTGRES_URL": "postgresql://nobody@/nowhere?host=/nowhere",
        "DUET_THREADS_POSTGRES_URL": config.postgres_url,
        "DUET_REDIS_URL": config.redis_url,
        "DUET_AUTH_URL": config.auth_url,
    }


@pytest.fixture
async def process(environment: dict[str, str], tmp_path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.threads", env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert child.stderr is not None
    async with asyncio.timeout(20):
        while b"listening" not in (line := await child.stderr.readline()):
            assert line, "it ended"
    yield child
    if child.returncode is None:
        child.kill()
        await child.wait()


async def open_link(directory: Path, node: str) -> Link:
    where, tokens = Address(path=f"{directory}/threads.sock"), Tokens(directory, "threads")
    return Link(await open_socket(where, LINK, tokens.program("relay")), node)


async def test_a_stopping_program_answers_what_it_has_and_waits_for_no_one_else(
    process: asyncio.subprocess.Process, tmp_path: Path, ann: User, bob: User
) -> None:
    link, stuck = await open_link(tmp_path, "relay-1"), await open_link(tmp_path, "relay-2")
    long = [item(ann, bob, "\U0001f600" * 4000) for _ in range(128)]
    assert len(await link.append(*long)) == 128
    stuck.socket.hold()
    for _ in range(MAX_IN_FLIGHT):
        await stuck.begin(*long)
    await link.begin(item(ann, bob, "the last one"))
    await link.receive(Appended)
    process.send_signal(signal.SIGTERM)
    while await link.socket.receive() is not None:
        pass
    async with asyncio.timeout(10):
        assert await process.wait() == 0


async def test_check_config_prints_the_settings_and_starts_nothing(environment: dict[str, str]) -> None:
    environment["DUET_THREADS_POSTGRES_URL"] = "postgresql://duet:hunter2@db/duet"
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.threads",
        "--check-config",
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await child.communicate()
    assert child.returncode == 0
    assert b"DUET_POSTGRES_URL=postgresql://duet:***@db/duet" in output


async def test_renew_log_prints_the_new_id(environment: dict[str, str], auth: FakeAuth) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.threads", "renew-log", env=environment, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await child.communicate()
    assert (child.returncode, len(output.strip())) == (0, 36)
