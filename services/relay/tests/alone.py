"""A node with no Redis to reach, for tests of what it does in memory: threads and auth are the test's own."""

from pathlib import Path
from typing import Any

from services.relay.config import Config
from services.relay.node import Node
from shared.plumbing.redis.client import Redis
from shared.plumbing.redis.connection import RedisConnection

_NOWHERE = "unix:///nowhere/redis.sock"


def node_alone(peer: Any, **settings: Any) -> Node:
    """peer: answers `call` in the place of threads and auth. settings: of its Config."""
    config = Config(
        node="relay-1", listen="unix:/unused", redis_url=_NOWHERE, auth_url="unix:/unused",
        threads_url="unix:/unused", keys_dir=Path("/unused"), **settings,
    )  # fmt: skip
    return Node(config, peer, peer, Redis(RedisConnection(_NOWHERE, 1.0)))
