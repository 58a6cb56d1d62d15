"""Where a program listens or is found: `unix:/path/to.sock`, `host:port` or `http://host:port`."""

from pathlib import Path
from urllib.parse import urlsplit

import msgspec


class Address(msgspec.Struct, frozen=True):
    """Either `path` (a Unix socket) or `host` and `port`."""

    path: str = ""
    host: str = ""
    port: int = 0

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
        host = f"[{self.host}]" if ":" in self.host else self.host
        return "http://duet.internal" if self.path else f"http://{host}:{self.port}"


def named(text: str) -> dict[str, Address]:
    """`relay-1=unix:/a.sock,relay-2=host:port` as a mapping."""
    pairs = (item.partition("=") for item in text.split(",") if item.strip())
    return {name.strip(): Address.parse(address.strip()) for name, _, address in pairs}
