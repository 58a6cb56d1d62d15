"""Which relays there are: those of a list, of a file that is read again, or at all addresses of a name."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

from shared.plumbing.settings.kinds import DNS, FILE
from shared.plumbing.transport.address import Address, in_url, named
from shared.plumbing.watched_file import WatchedFile

Find = Callable[[], Awaitable[Mapping[str, Address]]]
"""Each relay by its name. Raises OSError where that cannot be found out just now."""


def finder(relay_urls: str) -> Find | None:
    """Asks anew which there are; None for a list, which stays."""
    if relay_urls.startswith(FILE):
        return partial(_in_file, WatchedFile(Path(relay_urls.removeprefix(FILE)).expanduser(), _parse))
    if relay_urls.startswith(DNS):
        return partial(_at_name, Address.parse(relay_urls.removeprefix(DNS)))
    return None


async def _in_file(file: WatchedFile[Mapping[str, Address]]) -> Mapping[str, Address]:
    file.look()
    return file.get()


def _parse(content: bytes) -> Mapping[str, Address]:
    """As a list, and a line may end an entry, too. Raises ValueError for what is none, so that the last one counts."""
    return named(",".join(content.decode().split()))


async def _at_name(where: Address) -> Mapping[str, Address]:
    """Each address is a relay, of that name: all gateways see the same ones, and so send a person to the same one."""
    found = await asyncio.get_running_loop().getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)
    hosts = {str(address[0]) for *_, address in found}
    return {
        f"{in_url(host)}:{where.port}": Address(host=host, port=where.port, name=where.host)
        for host in sorted(hosts)
    }
