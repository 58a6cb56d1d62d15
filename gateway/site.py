"""Who we are to a browser (origins, hosts, cookie names), and who the browser is to us (its address)."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from gateway.config import GatewayConfig
from shared.plumbing.transport.address import in_url, reachable
from shared.wire.problems import Misdirected

_DEFAULT_PORTS = {"http": 80, "https": 443}
Network = IPv4Network | IPv6Network


class Site:
    """Made once from the settings. origins, hosts: in lower case, as browsers send them."""

    def __init__(self, config: GatewayConfig) -> None:
        urls = [config.public_url] if config.public_url else _default_urls(config)
        self.origins = frozenset(_origin(url) for url in urls)
        self.hosts = frozenset(host for url in urls for host in _hosts(url))
        self._url = urls[0]
        self.secure = config.public_url.lower().startswith("https:")
        self.session_cookie = "__Host-duet" if self.secure else f"duet_{config.port}"
        self.device_cookie = "__Host-duet-device" if self.secure else f"duet_device_{config.port}"
        self._trusted = _networks(config.trusted_proxies)

    def our_host(self, asked: str) -> str:
        """Which of `hosts` a `Host` header means. Raises Misdirected for any other."""
        host = asked.lower()
        if host not in self.hosts:
            host = _shortest(host)
        if host not in self.hosts:
            raise Misdirected(f"{asked} is not served here")
        return host

    def address(self, asked: str, path: str) -> str:
        """The whole address of a page of ours, for who asked a `Host` for it. Raises Misdirected."""
        host = self.our_host(asked)
        return _origin(f"{urlsplit(self._url).scheme}://{host}") + path

    def client_address(self, peer: str, forwarded: Sequence[str]) -> str:
        """The address of the client: the peer's, or what our own proxies say of theirs.

        forwarded: the X-Forwarded-For headers, walked from the right while each hop is one of our proxies.
        """
        if not self._trusted or not self._is_trusted(peer):
            return peer
        address = peer
        for hop in reversed([hop.strip() for header in forwarded for hop in header.split(",")]):
            if not _is_address(hop):
                break
            address = hop
            if not self._is_trusted(hop):
                break
        return address

    def _is_trusted(self, address: str) -> bool:
        return _is_address(address) and any(ip_address(address) in network for network in self._trusted)


def _networks(text: str) -> list[Network]:
    return [ip_network(item.strip(), strict=False) for item in text.split(",") if item.strip()]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _default_urls(config: GatewayConfig) -> list[str]:
    names = dict.fromkeys(["127.0.0.1", "localhost", in_url(reachable(config.bind))])
    return [f"http://{name}:{config.port}" for name in names]


def _shortest(host: str) -> str:
    """An address may be typed in several ways; browsers send the shortest, other programs what they were given."""
    name, bracket, port = host.partition("]")
    return in_url(name.removeprefix("[")) + port if bracket else host


def _origin(url: str) -> str:
    parts = urlsplit(url.lower())
    port = "" if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{_name(parts.hostname)}{port}"


def _hosts(url: str) -> list[str]:
    parts = urlsplit(url.lower())
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    with_port = f"{_name(parts.hostname)}:{port}"
    return [with_port, _name(parts.hostname)] if port == _DEFAULT_PORTS[parts.scheme] else [with_port]


def _name(hostname: str | None) -> str:
    if not hostname:
        raise ValueError("DUET_PUBLIC_URL names no host")
    return in_url(hostname)
