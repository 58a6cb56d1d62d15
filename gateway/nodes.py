"""Which relay node a user goes to: a stable hash of the name over the nodes that are up."""

import asyncio
from collections.abc import Mapping
from hashlib import blake2b

import msgspec
import structlog

from gateway.relays import Find
from gateway.socket_handoff import TIMEOUT_S, SocketHandoff
from shared.plumbing.http.client import HEALTH_TIMEOUT_S, Answer, HttpClient
from shared.plumbing.http.head import open_head
from shared.plumbing.transport.address import Address
from shared.plumbing.transport.socket_handoff import channel_path
from shared.wire.problems import Unavailable

_POLL_S = 1.0
_POLL_DOWN_S = 0.2
_LOOK_S = 2.0
_READY = "/health/ready"


class Nodes:
    """The relay nodes by name. Until the first answer those of the start count as up, and those that come, as down."""

    def __init__(self, addresses: Mapping[str, Address]) -> None:
        self.addresses: dict[str, Address] = {}
        self.passages: dict[str, SocketHandoff] = {}
        self.clients: dict[str, HttpClient] = {}
        self._down: set[str] = set()
        self._redis: dict[str, str] = {}
        self._polls: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        for name, address in addresses.items():
            self._add(name, address)

    async def follow(self, find: Find) -> None:
        """Looks every two seconds which there are. Until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_S)
            await self.look(find)

    async def look(self, find: Find) -> None:
        """Where that cannot be found out, those that there were go on."""
        try:
            self.change(await find())
        except (OSError, ValueError) as error:  # the latter for a name that can be nobody's
            structlog.get_logger().warning("the relays cannot be looked up", error=repr(error))

    def change(self, addresses: Mapping[str, Address]) -> None:
        """Other nodes from now on. Sockets of one that is no more among them stay with it until it ends."""
        for name in [name for name, known in self.addresses.items() if addresses.get(name) != known]:
            self._let_go(name)
        for name, address in addresses.items():
            if name not in self.addresses:
                self._add(name, address)
                self._down.add(name)
                structlog.get_logger().info("a relay is new", node=name)

    def _add(self, name: str, address: Address) -> None:
        self.addresses[name] = address
        self.passages[name] = SocketHandoff(channel_path(address))
        self.clients[name] = HttpClient(name, address, HEALTH_TIMEOUT_S)
        self._changed.set()

    def _let_go(self, name: str) -> None:
        structlog.get_logger().info("a relay is no more", node=name)
        del self.addresses[name]
        self._down.discard(name)
        self._redis.pop(name, None)
        if poll := self._polls.pop(name, None):
            poll.cancel()
        self.clients.pop(name).close()
        # What it was offered it may still take: to close the channel now would break those connects.
        asyncio.get_running_loop().call_later(2 * TIMEOUT_S, self.passages.pop(name).close)

    def order_for(self, username: str) -> list[str]:
        """The nodes to try for a user, best first (rendezvous hashing), with nodes that are down last.

        When a node goes, only its own users move; when it comes back, they return.
        """
        ranked = sorted(self.addresses, key=lambda node: _weight(node, username), reverse=True)
        return sorted(ranked, key=lambda node: node in self._down)

    def mark_down(self, node: str) -> None:
        """It did not take a connection. The next poll decides again."""
        if node in self.addresses:
            self._down.add(node)

    @property
    def up(self) -> list[str]:
        """The nodes that can take a socket."""
        return [node for node in self.addresses if node not in self._down]

    @property
    def redis(self) -> set[str]:
        """What the nodes that are up say about redis: "ok", or what is wrong with it."""
        return {self._redis.get(node, "ok") for node in self.up}

    async def poll(self) -> None:
        """Asks every node once a second whether it is ready, and more often while it is not. Until cancelled."""
        self._polls.clear()
        # An error in one ends them all: whoever runs this starts it again.
        async with asyncio.TaskGroup() as group:
            while True:
                self._changed.clear()
                for node in self.addresses.keys() - self._polls.keys():
                    self._polls[node] = group.create_task(self._poll_one(node))
                await self._changed.wait()

    async def _poll_one(self, node: str) -> None:
        while True:
            await self._ask(node)
            await asyncio.sleep(_POLL_DOWN_S if node in self._down else _POLL_S)

    async def ask(self, username: str, request: bytes) -> Answer:
        """The answer of the node that a user goes to. Raises Unavailable."""
        if not self.addresses:
            raise Unavailable("No relay is known yet")
        return await self.clients[self.order_for(username)[0]].ask(request)

    def close(self) -> None:
        """Ends the connections to all nodes."""
        for upstream in self.clients.values():
            upstream.close()
        for passage in self.passages.values():
            passage.close()

    async def _ask(self, node: str) -> None:
        was_up = node not in self._down
        try:
            answer = await self.clients[node].ask(open_head(_READY, "relay"))
            is_up = answer.status == 200
            self._redis[node] = redis_of(msgspec.json.decode(answer.body, type=dict[str, str]))
        except (Unavailable, msgspec.DecodeError, msgspec.ValidationError):
            is_up = False
        if node not in self.addresses:
            return
        if is_up:
            self._down.discard(node)
        else:
            self._down.add(node)
        if is_up != was_up:
            structlog.get_logger().info("a relay changed", node=node, up=is_up)


def redis_of(said: Mapping[str, str]) -> str:
    """What a program says of redis when asked whether it is ready: "ok" if nothing, else the most that it says."""
    return said.get("redis_why") or said.get("redis", "ok")


def _weight(node: str, username: str) -> bytes:
    return blake2b(f"{node}|{username}".encode(), digest_size=8).digest()
