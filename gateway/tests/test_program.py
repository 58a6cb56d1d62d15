"""The gateway as a process: settings, start, SIGTERM."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from gateway.tests.fakes import EchoRelay, FakeAuth, Somebody
from gateway.tests.raw import head
from gateway.tests.sockets import UPGRADE
from shared.testing.pace import slowness
from shared.testing.product import REPOSITORY, free_port
from shared.testing.rawsocket import RawSocket


def environment(directory: Path, port: int, **settings: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DUET_")}
    own = {
        "DUET_PORT": str(port),
        "DUET_LISTEN": f"unix:{directory}/gateway.sock",
        "DUET_AUTH_URL": f"unix:{directory}/auth.sock",
        "DUET_THREADS_URL": f"unix:{directory}/threads.sock",
        "DUET_GAME_URL": f"unix:{directory}/game.sock",
        "DUET_MEDIA_URL": f"unix:{directory}/media.sock",
        "DUET_NOTIFY_URL": f"unix:{directory}/notify.sock",
        "DUET_RELAY_URLS": f"relay-1=unix:{directory}/relay-1.sock",
    }
    return {**inherited, **own, **settings}


def test_the_settings_can_be_looked_at(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gateway", "--check-config"]
    links = {"DUET_GATEWAY_PORT": "tcp://10.0.0.7:80", "DUET_GATEWAY_SERVICE_PORT": "80"}  # Kubernetes' own
    env = environment(tmp_path, 8123, DUET_PUBLIC_URL="https://duet.example", **links)
    shown = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, check=True)
    assert "DUET_PORT=8123" in shown.stdout
    assert "DUET_PUBLIC_URL=https://duet.example" in shown.stdout


def test_a_setting_that_cannot_be_is_said_in_a_sentence(tmp_path: Path) -> None:
    for name, text in (
        ("DUET_PUBLIC_URL", "http://duet.lan/chat"),
        ("DUET_PROT", "81"),
        ("DUET_DEV", "perhaps"),
    ):
        env = environment(tmp_path, 8123, **{name: text})
        ended = subprocess.run(
            [sys.executable, "-m", "gateway"], cwd=REPOSITORY, env=env, capture_output=True, text=True
        )
        assert ended.returncode == 1
        (sentence,) = ended.stderr.splitlines()
        assert sentence.startswith(f"duet: {name} ")


def test_a_missing_setting_is_said_in_a_sentence(tmp_path: Path) -> None:
    env = environment(tmp_path, 8123) | {"DUET_AUTH_URL": ""}
    ended = subprocess.run(
        [sys.executable, "-m", "gateway"],
        cwd=REPOSITORY,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.strip() == "duet: DUET_AUTH_URL is not set"


async def test_sigterm_closes_tunnels_and_idle_connections_within_ten_seconds(
    tmp_path: Path, keys: Path, auth: FakeAuth, relay: EchoRelay, ann: Somebody
) -> None:
    port = free_port()
    env = environment(tmp_path, port, DUET_KEYS_DIR=str(keys))
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "gateway", cwd=REPOSITORY, env=env)
    try:
        idle = await connected(port, process)
        await idle.send(head("GET /health/live HTTP/1.1", port))
        assert (await idle.answer()).status == 200
        tunnels = [await connected(port, process) for _ in range(4)]
        for raw in tunnels:
            await raw.send(head("GET /messages HTTP/1.1", port, *UPGRADE, f"Cookie: duet_{port}={ann.token}"))
            assert (await raw.answer()).status == 101
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        await asyncio.gather(*(raw.end(10) for raw in (*tunnels, idle)))
        assert await asyncio.wait_for(process.wait(), 10) == 0
        assert time.monotonic() - started < 10 * slowness()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def connected(port: int, process: asyncio.subprocess.Process) -> RawSocket:
    """As soon as the gateway listens."""
    async with asyncio.timeout(20):
        while True:
            assert process.returncode is None
            try:
                return await RawSocket.connect(port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
