"""Duet behind the Caddy of deploy/compose, over HTTPS with its local authority."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.compose.tests.caddy import caddy
from shared.testing.product import free_port, running_product


@dataclass(frozen=True)
class Secured:
    """url: Duet's, as people type it. authority: the directory of Caddy's own, whose certificate is `root`."""

    url: str
    authority: Path

    @property
    def root(self) -> Path:
        return self.authority / "root.crt"


@contextlib.contextmanager
def secured_product(directory: Path, settings: Mapping[str, str] | None = None) -> Iterator[Secured]:
    """With one relay. directory: Caddy's. settings: more DUET_* variables."""
    port, upstream = free_port(), free_port()
    url = f"https://localhost:{port}"
    told = {"DUET_PUBLIC_URL": url, "DUET_TRUSTED_PROXIES": "127.0.0.0/8", "DUET_RELAYS": "1"}
    with (
        caddy(directory, port, upstream) as authority,
        running_product({**told, **(settings or {})}, port=upstream),
    ):
        yield Secured(url, authority)
