"""Names of push services as addresses, at the moment of connecting: none that is not public is ever connected to.

What a name led to when somebody subscribed says nothing: its owner may lead it to our own network later.
"""

from errno import EADDRNOTAVAIL
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import AddressFamily

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

_GLOBAL_6 = IPv6Network("2000::/3")
_TO_4 = IPv6Network("2002::/16")
_FROM_4 = IPv6Network("64:ff9b::/96")
"""How an IPv6-only network reaches an IPv4 address, which is the end of it."""


class PublicResolver(AbstractResolver):
    """Gives only public addresses. allow_private: for tests."""

    def __init__(self, resolver: AbstractResolver | None = None, *, allow_private: bool = False) -> None:
        self._resolver = resolver or ThreadedResolver()
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_INET
    ) -> list[ResolveResult]:
        """Raises OSError where there is none."""
        found = await self._resolver.resolve(host, port, family)
        public = [one for one in found if self._allow_private or is_public(one["host"])]
        if not public:
            raise OSError(EADDRNOTAVAIL, f"{host} has no public address")
        return public

    async def close(self) -> None:
        await self._resolver.close()


def is_public(text: str) -> bool:
    """Whether the address is one of the internet."""
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        if address in _FROM_4:
            address = IPv4Address(int(address) & 0xFFFFFFFF)
        elif address not in _GLOBAL_6 or address in _TO_4:
            return False
    return address.is_global and not address.is_multicast
