"""The settings of a relay node."""

from shared.plumbing.settings.config import BaseConfig


class Config(BaseConfig, frozen=True, kw_only=True):
    """node: this node's name, which also names its stream. drain_s: over how long its sockets are closed."""

    node: str
    redis_url: str
    auth_url: str
    threads_url: str
    hello_within_s: float = 5.0
    welcome_within_s: float = 20.0
    ping_after_s: float = 15.0
    silent_after_s: float = 25.0
    stuck_after_s: float = 10.0
    drain_s: float = 5.0
