"""Kinds of settings. Each takes the text of one and raises ValueError with what it must be; the name goes in front."""

import base64
import math
import os
import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit

from shared.plumbing import failpoints
from shared.plumbing.transport.address import Address

Kind = Callable[[str], object]

_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?")
_NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f]")
_LONGEST_SOCKET_PATH_BYTES = 107
DNS, FILE = "dns:", "@"
"""What DUET_RELAY_URLS begins with where relays are to be found: at a name, in a file."""
CERTIFICATES = ("cert.pem", "key.pem", "ca.pem")
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def anything(text: str) -> None:
    """Whatever it says will do."""


def directory(text: str) -> None:
    """A directory that is there or can be made."""
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise ValueError("must be a directory, or ~ of somebody who is here") from None
    known = next(each for each in (path, *path.parents, Path()) if os.path.exists(each))
    if not os.path.isdir(known):
        raise ValueError("must be a directory")


def certificates(text: str) -> None:
    """A directory with a program's certificate, its key, and the authorities that it believes."""
    if not all((Path(text) / name).is_file() for name in CERTIFICATES):
        raise ValueError(f"must be a directory with {', '.join(CERTIFICATES[:-1])} and {CERTIFICATES[-1]}")


def whole(low: int, high: int) -> Kind:
    """A whole number in this range."""

    def kind(text: str) -> None:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ValueError(f"must be a whole number from {low} to {high}")

    return kind


def seconds(low: float, high: float) -> Kind:
    """A number of seconds in this range; fractions may be."""

    def kind(text: str) -> None:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not low <= number <= high:
            raise ValueError(f"must be a number of seconds from {low:g} to {high:g}")

    return kind


def one_of(*words: str) -> Kind:
    """One of these words."""

    def kind(text: str) -> None:
        if text not in words:
            raise ValueError(f"must be {' or '.join(filter(None, (', '.join(words[:-1]), words[-1])))}")

    return kind


def ratio(text: str) -> None:
    """A part of all."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 1:
        raise ValueError("must be a number from 0 to 1")


def collector(text: str) -> None:
    """Where an OpenTelemetry collector listens for OTLP over HTTP."""
    if not _is_host(_url(text, "http", "https").hostname or ""):
        raise ValueError("must name a host")


def host(text: str) -> None:
    """An address or a name that can be listened at."""
    if not _is_host(text):
        raise ValueError("must be an address or a host's name, without port or brackets")


def node(text: str) -> None:
    """A relay's name; it becomes a part of keys in Redis."""
    if not _NODE.fullmatch(text):
        raise ValueError("must be letters, digits and _ . -, beginning with a letter or digit")


def networks(text: str) -> None:
    """Addresses and networks, comma-separated."""
    try:
        for item in filter(None, map(str.strip, text.split(","))):
            ip_network(item, strict=False)
    except ValueError:
        raise ValueError("must be addresses or networks, comma-separated") from None


def public_url(text: str) -> None:
    """What people type: scheme, host and port. Duet has the whole host, as its cookies and links do."""
    parts = _url(text, "http", "https")
    try:
        unspecified = ip_address(parts.hostname or "").is_unspecified
    except ValueError:
        unspecified = False
    if not _is_host(parts.hostname or "") or unspecified:
        raise ValueError("must name a host as browsers do (in ASCII, no wildcard)")
    plain = f"{parts.scheme}://{parts.netloc}"
    if "@" in parts.netloc or text.removesuffix("/").lower() != plain.lower():
        raise ValueError("must be scheme, host and port, and nothing else")


def push_hosts(text: str) -> None:
    """Push services: `host`, or `*.host` for all below one, comma-separated; with a port if it is not 443."""
    for one in filter(None, map(str.strip, text.split(","))):
        name, colon, port = one.removeprefix("*.").partition(":")
        if name != name.lower() or not _is_name(name) or (colon and not _is_port(port)):
            raise ValueError(
                "must be names of hosts in lower case, comma-separated, like push.example,*.push.example:8443"
            )


def sockets(text: str) -> None:
    """Addresses with their ports, comma-separated."""
    for one in filter(None, map(str.strip, text.split(","))):
        host, _, port = one.rpartition(":")
        try:
            ip_address(host.strip("[]"))
        except ValueError:
            port = ""
        if not _is_port(port):
            raise ValueError("must be addresses with ports, comma-separated, like 127.0.0.1:8000")


def contact(text: str) -> None:
    """Where somebody may complain."""
    if not re.fullmatch(r"mailto:[^\s@]+@[^\s@]+|https://\S+", text):
        raise ValueError("must begin with mailto: or https://")


def file(text: str) -> None:
    """One that is there."""
    if not os.path.isfile(os.path.expanduser(text)):
        raise ValueError("must be a file")


def postgres_url(text: str) -> None:
    """As libpq and asyncpg take it; also of several hosts."""
    parts = _url(text, "postgresql", "postgres")
    asked = parse_qs(parts.query, keep_blank_values=True)
    for mode in asked.get("sslmode", ()):
        if mode not in _SSL_MODES:
            raise ValueError(f"must have an sslmode of {', '.join(_SSL_MODES)}")
    if any(not _is_port(port) for ports in asked.get("port", ()) for port in ports.split(",")):
        raise ValueError("must have a port from 1 to 65535")


def postgres_urls(text: str) -> None:
    """Several, with spaces between them."""
    for one in text.split():
        postgres_url(one)


def redis_url(text: str) -> None:
    """A Redis or Valkey, at a host or a Unix socket, and its certificates."""
    parts = _url(text, "redis", "rediss", "unix")
    if parts.scheme == "unix":
        if len(parts.path) < 2:
            raise ValueError("must name the path of a socket")
    elif not parts.hostname:
        raise ValueError("must name a host")
    elif not re.fullmatch(r"(/\d*)?", parts.path):
        raise ValueError("must end with the host, or the number of a database")
    if parts.query:
        from shared.plumbing.redis import (
            url as redis_url,  # with redis-py, for which the supervisor has no other use
        )

        redis_url.check(text)


def s3_url(text: str) -> None:
    """A bucket, with the keys to it. What a URL cannot hold of them is percent-encoded."""
    parts = _url(text, "https", "http")
    if not (parts.hostname and parts.username and parts.password and re.fullmatch(r"/[^/]+/?", parts.path)):
        raise ValueError("must be like https://id:key@host/bucket?region=…")


def files_key(text: str) -> None:
    """What files are sealed with."""
    try:
        lengths = {len(base64.b64decode(key, validate=True)) for key in text.split()}
    except ValueError:
        lengths = set()
    if lengths != {32}:
        raise ValueError("must be 32 bytes in base64; with blanks between them, if they are several")


def address(text: str) -> None:
    """Where a program listens or is found."""
    try:
        found = Address.parse(text)
    except ValueError:
        found = Address()
    fits = len(text.encode()) <= len("unix:") + _LONGEST_SOCKET_PATH_BYTES and found.path != "."
    is_bare = found.port and text.endswith(f":{found.port}") and "@" not in text
    if _UNPRINTABLE.search(text) or not (fits if found.path else is_bare):
        raise ValueError("must be unix:/path/of.sock, host:port or http://host:port")


def port_or_address(text: str) -> None:
    """A port of this machine alone, or host:port."""
    try:
        if not _is_port(text):
            address(text)
    except ValueError:
        text = ""
    if not text or "/" in text or text.startswith("unix:"):
        raise ValueError("must be a port, or host:port")


def addresses(text: str) -> None:
    """Relays by name."""
    pairs = [item.strip().partition("=") for item in text.split(",")]
    names = [name for name, _, _ in pairs]
    for name, _, where in pairs:
        try:
            node(name)
            address(where)
        except ValueError:
            raise ValueError("must be like relay-1=unix:/a.sock,relay-2=host:port") from None
    if len(set(names)) < len(names):
        raise ValueError("must name each relay once")


def relays(text: str) -> None:
    """A list of them, a file that holds one, or a name whose addresses are all relays."""
    if text.startswith(FILE):
        file(text.removeprefix(FILE))
        with open(os.path.expanduser(text.removeprefix(FILE)), encoding="utf-8") as opened:
            addresses(",".join(opened.read().split()))
    elif text.startswith(DNS):
        address(text.removeprefix(DNS))
        if "/" in text:
            raise ValueError("must be like dns:relay.example:9000")
    else:
        addresses(text)


def signing_key(text: str) -> None:
    """Raises for all but an Ed25519 private key."""
    from shared.plumbing import program_keys  # with cryptography, for which the supervisor has no other use

    try:
        program_keys.private_key(text.encode())
    except (ValueError, TypeError):
        raise ValueError("must be an Ed25519 private key in PEM") from None


def trusted_keys(text: str) -> None:
    """The public keys of programs."""
    from shared.plumbing import program_keys  # as above

    try:
        program_keys.public_keys(text)
    except (ValueError, TypeError):
        raise ValueError("must be a JSON object of program: public keys in PEM") from None


def points(text: str) -> None:
    """Faults at named places."""
    failpoints.parse(text)


def _url(text: str, *schemes: str) -> SplitResult:
    """Raises ValueError unless it begins with one of these and every port in it is one."""
    scheme, there, _ = text.partition("://")
    if _UNPRINTABLE.search(text) or not there or scheme.lower() not in schemes:
        raise ValueError(
            f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}, without blanks"
        )
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError("must be a URL") from None
    for one in parts.netloc.rpartition("@")[2].split(","):
        if not _is_port(re.sub(r"^(\[[^\]]*\]|[^:]*):?", "", one) or "1") or one.endswith(":"):
            raise ValueError("must have a port from 1 to 65535")
    return parts


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= 65535


def _is_name(text: str) -> bool:
    """A host's, and no address."""
    try:
        ip_address(text)
    except ValueError:
        return _is_host(text)
    return False


def _is_host(text: str) -> bool:
    """An address without a zone, or a name that nobody takes for an address."""
    try:
        return not getattr(ip_address(text), "scope_id", None)
    except ValueError:
        return bool(_HOST.fullmatch(text)) and not text.rstrip(".").rpartition(".")[2].isdigit()
