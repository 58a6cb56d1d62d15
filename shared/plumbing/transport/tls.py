"""Mutual TLS between our programs, from a directory of certificates that is looked at again when it changes.

Whoever connects shows a certificate that an authority of ca.pem has signed, and so does whoever listens, for the name
that it is called by. Which program it is, tokens say as ever (`identity`). Unix sockets need none of it.
"""

import ssl
from pathlib import Path
from typing import Any, NamedTuple

from shared.plumbing.settings.kinds import CERTIFICATES
from shared.plumbing.transport.address import Address
from shared.plumbing.watched_file import WatchedFile


class _Contexts(NamedTuple):
    client: ssl.SSLContext
    server: ssl.SSLContext


class Certificates:
    """Those of one program. A connection keeps what it was opened with; the next one has what is there then."""

    def __init__(self, directory: Path) -> None:
        """Raises OSError (ssl.SSLError is one)."""
        first, *others = (directory / name for name in CERTIFICATES)
        self._contexts = WatchedFile(first, lambda _: _load(directory), *others)
        self.listener = self._contexts.get().server
        """For listening once and for all: at each handshake the context of the moment takes its place."""
        self.listener.sni_callback = self._renew

    def client(self) -> ssl.SSLContext:
        """For a connection that is made now."""
        return self._contexts.get().client

    def _renew(self, connection: Any, name: str | None, context: ssl.SSLContext) -> None:
        connection.context = self._contexts.get().server


def _load(directory: Path) -> _Contexts:
    contexts = _Contexts(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    certificate, key, authority = (directory / name for name in CERTIFICATES)
    for context in contexts:
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority)
        context.load_cert_chain(certificate, key)
    contexts.server.num_tickets = 0  # nobody of us resumes a session
    return contexts


_armed: Certificates | None = None


def arm(directory: Path | None) -> None:
    """What this process' connections over TCP with other programs have from now on. None: no TLS. Raises OSError."""
    global _armed  # one process is one program
    _armed = Certificates(directory) if directory else None


def towards(address: Address) -> dict[str, Any]:
    """For connecting to another program, as asyncio takes it."""
    if _armed is None:
        return {}
    return {"ssl": _armed.client(), "server_hostname": address.name or address.host}


def listener() -> ssl.SSLContext | None:
    """For listening to other programs."""
    return _armed.listener if _armed else None
