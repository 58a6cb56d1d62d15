"""Relays of other versions on the link, as in the middle of a roll-out. What is written out here was recorded."""

import json
from typing import Any

from services.threads.tests.driver import LINK, Service, User
from shared.plumbing.http.head import bearer, request_head
from shared.plumbing.transport.address import Address
from shared.plumbing.transport.packets import ASK, VERSION_HEADER, open_packets
from shared.testing.packets import PacketSocket
from shared.version import VERSION

_BEFORE_VERSIONS = tuple(line for line in ASK if line[0] != VERSION_HEADER)
_LATER = (*_BEFORE_VERSIONS, (VERSION_HEADER, "99.0.0"), ("Duet-Compression", "maybe"))
_OLD_APPEND = (
    '{"type":"append","batch":7,"node":"relay-1",'
    '"items":[[11,"ann","bob","message","01980000-0000-7000-8000-000000000001","hi",12,0]]}'
)
_LATER_APPEND = (
    '{"type":"append","batch":8,"node":"relay-1","priority":1,'
    '"items":[[11,"ann","bob","message","01980000-0000-7000-8000-000000000002","ho",12,0,[],"later"]]}'
)
_OLD_READ = '{"type":"read","batch":9,"node":"relay-1","items":[[12,"bob","ann",2,2]]}'


async def answered(link: PacketSocket, kind: str) -> dict[str, Any]:
    """The next packet of that kind: beats come in between."""
    while (packet := await link.receive()) is not None:
        said: dict[str, Any] = json.loads(packet)
        if said["type"] == kind:
            return said
    raise AssertionError("the link broke")


async def test_relays_of_an_older_and_of_a_later_version_are_linked_side_by_side(
    threads: Service, ann: User, bob: User
) -> None:
    where = Address(host="127.0.0.1", port=threads.client.port or 0)
    token = bearer(threads.tokens.program("relay"))
    links = [
        await open_packets(where, request_head(f"GET {LINK}", "threads", token, ask), PacketSocket())
        for ask in (_BEFORE_VERSIONS, _LATER)
    ]
    assert [link.version for link in links] == [VERSION, VERSION]
    for link, packet, seq in ((links[0], _OLD_APPEND, 1), (links[1], _LATER_APPEND, 2)):
        link.send(packet.encode())
        [[delivery, created, *_]] = (await answered(link, "appended"))["results"]
        assert created is True
        assert delivery[1:4] == [seq, ann.id, bob.id]
        assert delivery[5]["client_id"].endswith(str(seq))
    links[0].send(_OLD_READ.encode())
    assert (await answered(links[0], "read_done"))["batch"] == 9
    for link in links:
        link.close()
