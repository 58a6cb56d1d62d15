"""Where a program listens or is found: `unix:/path/to.sock`, `host:port` or `http://host:port`."""

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import msgspec


class Address(msgspec.Struct, frozen=True):
    """Either `path` (a Unix socket) or `host` and `port`. name: what the program there is called, if not `host`."""

    path: str = ""
    host: str = ""
    port: int = 0
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Raises ValueError if `text` is none of the three forms."""
        if text.startswith("unix:"):
            return cls(path=str(Path(text.removeprefix("unix:"))))
        parts = urlsplit(text if "://" in text else f"http://{text}")
        if parts.hostname is None or parts.port is None or parts.scheme != "http":
            raise ValueError(f"not an address: {text!r} (unix:/path, host:port or http://host:port)")
        return cls(host=parts.hostname, port=parts.port)

    @property
    def origin(self) -> str:
        """The URL that requests to it start with."""
        return "http://duet.internal" if self.path else f"http://{in_url(self.host)}:{self.port}"


def named(text: str) -> dict[str, Address]:
    """`relay-1=unix:/a.sock,relay-2=host:port` as a mapping."""
    pairs = (item.partition("=") for item in text.split(",") if item.strip())
    return {name.strip(): Address.parse(address.strip()) for name, _, address in pairs}


def in_url(host: str) -> str:
    """A host as browsers write it in a URL: an address in its shortest form, one of IPv6 in brackets."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.lower()
    return f"[{address.compressed}]" if address.version == 6 else address.compressed


def reachable(bind: str) -> str:
    """Where this machine reaches what listens at `bind`: an address to connect to, never a wildcard."""
    try:
        address = ip_address(bind)
    except ValueError:
        return bind
    if not address.is_unspecified:
        return bind
    return "::1" if address.version == 6 else "127.0.0.1"
