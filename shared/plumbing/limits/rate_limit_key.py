"""What counts as one address wherever a limit is by address."""

from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

_IPV6_HOST_BITS = 64
_REMEMBERED = 10_000


@lru_cache(_REMEMBERED)
def rate_limit_key(address: str) -> str:
    """`address`: an IPv4 address itself, or the /64 that one IPv6 host can choose from."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return sha256(address.encode()).hexdigest()
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> _IPV6_HOST_BITS << _IPV6_HOST_BITS)}/64"
    return str(parsed)
