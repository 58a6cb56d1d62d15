"""The gateway's settings."""

from shared.plumbing.settings.config import BaseConfig


class GatewayConfig(BaseConfig, frozen=True, kw_only=True):
    """listen: the private listener (health, metrics). bind, port: the public one.

    public_url: what `Origin` and `Host` are compared with; empty: 127.0.0.1 and localhost at the port.
    trusted_proxies: addresses or networks, comma-separated; only these may set the client's address.
    relay_urls: `relay-1=unix:/a.sock,relay-2=host:port`; `@/a/file` or `dns:name:port` is read again.
    redis_url: where limits are counted for all gateways; empty: each for itself.
    dev: reread templates and static files each time.
    """

    port: int = 8000
    bind: str = "127.0.0.1"
    public_url: str = ""
    trusted_proxies: str = ""
    auth_url: str
    threads_url: str
    game_url: str
    media_url: str
    notify_url: str
    relay_urls: str
    redis_url: str = ""
    dev: bool = False
