"""How tests talk to a running threads service: as users, as the game, and as a relay with its link."""

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestClient

from shared.plumbing.transport.address import Address
from shared.testing.packets import PacketSocket, open_socket
from shared.testing.tokens import Tokens
from shared.wire import codec
from shared.wire.ids import uuid7
from shared.wire.link import (
    AppendBatch,
    Appended,
    AppendFailed,
    AppendItem,
    AppendResult,
    Beat,
    LinkReply,
    LinkRequest,
)
from shared.wire.log import Delivery
from shared.wire.log_calls import AppendedItems
from shared.wire.messages import LogItem, MessageFrame
from shared.wire.previews import PREVIEW

LINK = "/internal/link"
_STORED_WITHIN_S = 30.0
T = TypeVar("T")
ReplyT = TypeVar("ReplyT", bound=LinkReply)
_frame = msgspec.json.Decoder(LogItem).decode
_reply = msgspec.json.Decoder(LinkReply).decode
Client = TestClient[web.Request, web.Application]


class User(msgspec.Struct, frozen=True):
    """An account that FakeAuth knows."""

    id: int
    name: str


def item(
    sender: User,
    to: User | str,
    body: str = "hi",
    client_id: UUID | None = None,
    kind: str = "message",
    reply_to: int = 0,
) -> AppendItem:
    name = to if isinstance(to, str) else to.name
    return AppendItem(sender.id, sender.name, name, kind, client_id or uuid7(), body, target=reply_to)


def change(sender: User, to: User | str, kind: str, target: int, **body: Any) -> AppendItem:
    """An edit (text=…), a delete or a reaction (emoji=…)."""
    text = codec.encode({"target": target, **body}).decode()
    return item(sender, to, text, kind=kind, reply_to=target)


def code(result: AppendResult) -> tuple[str, str]:
    """The kind of problem and the field it names."""
    assert result.problem is not None
    return result.problem.code, result.problem.errors[0].pointer if result.problem.errors else ""


def frames(delivery: Delivery) -> tuple[LogItem, LogItem]:
    """As the low and as the high member get it."""
    return _as_frame(delivery.for_low), _as_frame(delivery.for_high)


def _as_frame(raw: msgspec.Raw) -> LogItem:
    found: LogItem = _frame(bytes(raw))
    return found


def text(delivery: Delivery) -> str:
    frame = frames(delivery)[0]
    assert isinstance(frame, MessageFrame)
    return frame.text


def delivered(result: AppendResult) -> Delivery:
    assert result.problem is None
    assert result.delivery is not None
    return result.delivery


class Link:
    """A relay's end of /internal/link."""

    def __init__(self, socket: PacketSocket, node: str) -> None:
        self.socket = socket
        self.node = node
        self.beats: list[Beat] = []
        self._numbers = itertools.count(1)

    async def begin(self, *items: AppendItem) -> int:
        """Sends a batch without waiting; its number."""
        number = next(self._numbers)
        await self.socket.write(codec.encode(AppendBatch(number, self.node, list(items))))
        return number

    def say(self, request: LinkRequest) -> None:
        self.socket.send(codec.encode(request))

    async def append(self, *items: AppendItem) -> list[AppendResult]:
        answer = await self.ask(*items)
        assert isinstance(answer, Appended), answer
        return answer.results

    async def ask(self, *items: AppendItem) -> Appended | AppendFailed:
        number = await self.begin(*items)
        answer: Appended | AppendFailed = await self.receive(Appended, AppendFailed)
        assert answer.batch == number
        return answer

    async def receive(self, *of: type[ReplyT]) -> ReplyT:
        """The next reply of these types; beats on the way are kept in `beats`."""
        while True:
            packet = await self.socket.receive()
            assert packet is not None, "the link has ended"
            reply = _reply(packet)
            if isinstance(reply, of):
                return reply
            assert isinstance(reply, Beat), reply
            self.beats.append(reply)


class Service:
    """A running threads service. `client` has its app."""

    def __init__(self, client: Client, tokens: Tokens) -> None:
        self.client = client
        self.tokens = tokens

    async def call(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str], **options: Any
    ) -> tuple[int, Any]:
        """Status and decoded JSON; None for an empty body."""
        data = None if body is None else codec.encode(body)
        headers = {**headers, "Content-Type": "application/json"} if body is not None else headers
        async with self.client.request(method, path, data=data, headers=headers, **options) as response:
            content = await response.read()
            return response.status, msgspec.json.decode(content) if content else None

    async def as_user(
        self, user: User, method: str, path: str, body: Any = None, **query: Any
    ) -> tuple[int, Any]:
        """A call that the gateway forwards."""
        return await self.call(
            method, path, body, headers=self.tokens.user(user.id, user.name), params=query or None
        )

    async def as_relay(self, path: str, body: Any, of: type[T]) -> T:
        """A POST by a relay that must succeed."""
        status, content = await self._posted(path, body)
        assert status == 200, content
        return codec.decode(content, of)

    async def _posted(self, path: str, body: Any) -> tuple[int, bytes]:
        headers = {**self.tokens.program("relay"), "Content-Type": "application/json"}
        async with self.client.post(path, data=codec.encode(body), headers=headers) as response:
            return response.status, await response.read()

    async def do(self, user: User, peer: User, kind: str, **body: Any) -> tuple[int, Any]:
        """A change over HTTP."""
        asked = {"client_id": uuid7(), "kind": kind, "body": body}
        return await self.as_user(user, "POST", f"/api/threads/{peer.name}/events", asked)

    async def page(self, user: User, peer: User, **query: Any) -> Any:
        """A page of messages."""
        status, answer = await self.as_user(user, "GET", f"/api/threads/{peer.name}/messages", **query)
        assert status == 200, answer
        return answer

    async def link(self, node: str = "relay-1") -> Link:
        where = Address(host="127.0.0.1", port=self.client.port or 0)
        return Link(await open_socket(where, LINK, self.tokens.program("relay")), node)

    async def say(self, sender: User, to: User, *texts: str) -> list[int]:
        """Messages over the link's call, which comes again unchanged as a relay's does; their seqs."""
        results: list[AppendResult] = []
        for start in range(0, len(texts), 256):
            batch = AppendBatch(1, "", [item(sender, to, each) for each in texts[start : start + 256]])
            results += await self._stored(batch)
        return [delivered(result).seq for result in results]

    async def _stored(self, batch: AppendBatch) -> list[AppendResult]:
        async with asyncio.timeout(_STORED_WITHIN_S):
            while (results := await self._results(batch)) is None:
                await asyncio.sleep(0.05)
        return results

    async def _results(self, batch: AppendBatch) -> list[AppendResult] | None:
        """None if it has to come again. After a 503, as when the log is just found to be another one, that is all of
        it."""
        status, content = await self._posted("/internal/append", batch)
        if status == 503:
            return None
        assert status == 200, content
        results = codec.decode(content, AppendedItems).results
        return None if any(one.problem and one.problem.retry for one in results) else results


Start = Callable[..., Coroutine[Any, Any, Service]]
"""Starts one more process' worth of service on the same database; keywords change its settings."""


async def preview(threads: Service, sender: User, to: User, target: int, **body: Any) -> AppendResult:
    """What notify appends: of (by default the message itself), url, title, site, description."""
    text = codec.encode({"target": target, "of": target, **body}).decode()
    batch = AppendBatch(0, "", [item(sender, to, text, kind=PREVIEW)])
    headers = threads.tokens.program("notify")
    status, answer = await threads.call("POST", "/internal/append", batch, headers=headers)
    assert status == 200, answer
    return codec.decode(codec.encode(answer), AppendedItems).results[0]
