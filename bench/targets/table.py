"""Every target by the name it has on the command line and in the results."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bench.targets import duet, peers, xmpp
from bench.targets.running import Running


@dataclass(frozen=True)
class Target:
    """title: in tables and plots. start: a context in which it runs."""

    name: str
    title: str
    start: Callable[[], AbstractContextManager[Running]]


TARGETS = [
    Target("duet", "Duet", duet.duet),
    Target("node", "Socket.IO on node", peers.node),
    Target("fastapi", "FastAPI ×2", peers.fastapi),
    Target("socketio", "python-socketio ×2", peers.python_socketio),
    Target("channels-uvicorn", "Channels + uvicorn ×2, pub/sub layer", peers.channels_uvicorn),
    Target("channels-daphne", "Channels + daphne", peers.channels_daphne),
    Target("ejabberd", "ejabberd", xmpp.ejabberd),
    Target("prosody", "Prosody", xmpp.prosody),
    Target("echo", "Floor: bare aiohttp echo, nothing stored", peers.echo),
]
