"""How the gateway passes an accepted socket to a relay on the same host: the packets of their channel.

A channel is a SOCK_SEQPACKET Unix socket next to the one where the relay listens. For each socket the gateway writes a
packet: a number, the length of the head, the head of the upgrade request, and what came after it; the file descriptor
goes along. The relay answers with the number and whether it has taken the socket.
"""

import struct
from typing import NamedTuple

from shared.plumbing.transport.address import Address

MAX_PACKET_BYTES = 64 * 1024
_OFFER = struct.Struct("!IH")
_VERDICT = struct.Struct("!I?")


class Offer(NamedTuple):
    """head: up to its empty line, without it. arrived: what the browser has sent after it."""

    number: int
    head: bytes
    arrived: bytes

    def packet(self) -> bytes:
        return _OFFER.pack(self.number, len(self.head)) + self.head + self.arrived


class Verdict(NamedTuple):
    """taken: from now on only the relay may touch the socket. Otherwise the relay has not touched it."""

    number: int
    taken: bool

    def packet(self) -> bytes:
        return _VERDICT.pack(*self)


def read_offer(packet: bytes) -> Offer:
    """Raises struct.error."""
    number, length = _OFFER.unpack_from(packet)
    return Offer(number, packet[_OFFER.size : _OFFER.size + length], packet[_OFFER.size + length :])


def read_verdict(packet: bytes) -> Verdict:
    """Raises struct.error."""
    return Verdict(*_VERDICT.unpack(packet))


def channel_path(address: Address) -> str:
    """Where a relay that listens at `address` takes sockets; "" if it is not known to be on this host."""
    return f"{address.path}.pass" if address.path else ""
