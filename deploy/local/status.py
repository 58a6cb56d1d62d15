"""How the Duet that runs does, for who types `make status`."""

import asyncio
import json
from typing import Any

from deploy.local.console import complain, say
from deploy.local.probes import asked
from deploy.local.settings import Settings
from deploy.local.table import socket_of


def show(settings: Settings) -> int:
    """Prints it. 0: nothing is wrong."""
    path = str(socket_of("gateway", settings))
    try:
        _, body = asyncio.run(asked(lambda: asyncio.open_unix_connection(path), "localhost", "/status"))
        found = json.loads(body)
    except (OSError, TimeoutError, ValueError):
        complain("The gateway does not answer: Duet does not run, or its log says why.")
        return 1
    for line in lines_of(found):
        say(line)
    return 0 if found["status"] == "ok" else 1


def lines_of(found: dict[str, Any]) -> list[str]:
    """One for each program, with its numbers, and then what is wrong."""
    lines = []
    for name, one in found["programs"].items():
        up = f"{one['version']}, up {one['up_s']:.0f} s" if one.get("up_s") is not None else ""
        numbers = "  ".join(
            f"{number.removeprefix('duet_')} {value:g}"
            for number, value in one.get("numbers", {}).items()
            if not number.startswith("duet_build_info")  # said before
        )
        lines.append(f"{name:<9} {'wrong' if one['wrong'] else 'ok':<6} {up}  {numbers}".rstrip())
    return [*lines, "", *(found["wrong"] or ["Nothing is wrong."])]
