"""Two people change their messages through the whole product: what everybody has at the end, and who may do what."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec
import pytest
import pytest_asyncio

from shared.testing.folded import Folded, State
from shared.testing.people import Person
from shared.testing.product import Product
from shared.testing.sockets import Socket
from shared.wire import codec
from shared.wire.frames import Rejected
from shared.wire.messages import EventFrame, MessageFrame
from tests.chaos.told import told_to
from tests.conftest import MakePerson

_STEPS = 80
_EMOJI = ("❤️", "👍", "👩‍👩‍👧", None)


class Thread:
    """ann's and bob's, with sockets of both."""

    def __init__(self, product: Product, ann: Person, bob: Person) -> None:
        self.ann, self.bob = ann, bob
        self._url = product.url
        self._sockets: list[Socket] = []

    def peer_of(self, person: Person) -> str:
        return (self.bob if person is self.ann else self.ann).username

    async def socket(self, person: Person) -> Socket:
        """One that begins before the first event."""
        opened = Socket(person.username, self._url, {"Cookie": person.cookie})
        self._sockets.append(opened)
        await opened.connect(cursors={self.peer_of(person): 0})
        return opened

    async def change(self, person: Person, kind: str, id: str = "", **body: Any) -> tuple[int, Any]:
        """By HTTP: status and answer."""
        asked = {"client_id": id or str(uuid4()), "kind": kind, "body": body}
        return await person.call("POST", f"/api/threads/{self.peer_of(person)}/events", asked)

    async def close(self) -> None:
        for socket in self._sockets:
            await socket.leave()


@pytest_asyncio.fixture(loop_scope="session")
async def thread(product: Product, person: MakePerson) -> AsyncIterator[Thread]:
    opened = Thread(product, await person("ann"), await person("bob"))
    yield opened
    await opened.close()


def log_of(socket: Socket) -> list[MessageFrame | EventFrame]:
    """The log as it came, without the answers to repeats."""
    return [
        frame for frame in socket.frames if isinstance(frame, MessageFrame | EventFrame) and not frame.repeat
    ]


def shown(socket: Socket, page: Folded | None = None) -> dict[int, State]:
    """What a client shows that has got these frames. page: what it had before."""
    folded = page or Folded()
    for frame in log_of(socket):
        folded.apply(msgspec.json.decode(codec.encode(frame)))
    return folded.messages


async def _do_anything(dice: random.Random, thread: Thread, person: Person, sockets: list[Socket]) -> None:
    """One thing that people do, by one of their sockets or by HTTP, whether it is allowed or not."""
    peer = thread.peer_of(person)
    target = dice.randrange(1, 12)
    kind = dice.choice(["message", "message", "edit", "edit", "reaction", "reaction", "delete"])
    socket, by_http = dice.choice(sockets), dice.random() < 0.3
    body: dict[str, Any] = {"target": target}
    if kind == "message":
        await socket.send(peer, f"text {dice.random()}", reply_to=dice.choice([None, 1]))
        return
    if kind != "delete":
        body |= {"text": f"new {dice.random()}"} if kind == "edit" else {"emoji": dice.choice(_EMOJI)}
    if by_http:
        await thread.change(person, kind, **body)
    else:
        socket.unsent.pop(await socket.do(peer, kind, **body))  # it may be refused for good


async def test_all_devices_end_with_what_a_page_tells_whoever_was_away(thread: Thread) -> None:
    dice = random.Random(11)
    ann, bob = thread.ann, thread.bob
    sockets = {person: [await thread.socket(person) for _ in range(3)] for person in (ann, bob)}
    offline = await thread.socket(bob)
    for number in range(6):
        await sockets[ann][0].send(bob.username, f"of ann {number}")
        await sockets[bob][0].send(ann.username, f"of bob {number}")
    await asyncio.gather(*(each[0].acknowledged() for each in sockets.values()))
    await offline.disconnect()
    early = Folded()
    _, page = await bob.call("GET", f"/api/threads/{ann.username}/messages?limit=5")
    early.apply_page(page["messages"])
    for _ in range(_STEPS):
        person = dice.choice([ann, bob])
        await _do_anything(dice, thread, person, sockets[person])
    for socket in (*sockets[ann], *sockets[bob]):
        await socket.acknowledged()
    status, last = await thread.change(ann, "reaction", target=1, emoji="❤️")
    if status == 410:  # deleted meanwhile
        await sockets[ann][0].send(bob.username, "the end")
        await sockets[ann][0].acknowledged()
        last = {"seq": sockets[ann][0].cursors[bob.username]}

    await offline.connect()
    late = await thread.socket(ann)
    right = {person: await told_to(person, thread.peer_of(person)) for person in (ann, bob)}
    for person, devices in ((ann, [*sockets[ann], late]), (bob, [*sockets[bob], offline])):
        for device in devices:
            await device.caught_up(thread.peer_of(person), last["seq"])
            assert shown(device) == right[person]
    kept = {seq: right[bob][seq] for seq in early.messages}
    overlapping = shown(sockets[bob][1], early)
    assert {seq: overlapping[seq] for seq in kept} == kept, "a page and the whole log over it"
    kinds = [frame.kind for frame in log_of(late) if isinstance(frame, EventFrame)]
    assert {"edit", "reaction", "delete"} == set(kinds)
    deleted = [seq for seq, message in right[ann].items() if "deleted_at" in message]
    assert deleted
    assert not [
        frame for frame in log_of(late) if isinstance(frame, MessageFrame) and frame.deleted_at and frame.text
    ]


async def test_what_is_not_ones_own_not_there_or_gone_is_refused_in_both_ways_alike(thread: Thread) -> None:
    ann, bob = thread.ann, thread.bob
    socket = await thread.socket(bob)
    for text in ("one", "two"):
        await ann.send(bob.username, text)
    assert (await thread.change(ann, "delete", target=2))[0] == 201
    offer = {"client_id": str(uuid4()), "x": "me", "o": "hard"}
    await ann.call("POST", f"/api/threads/{bob.username}/games", offer)
    await socket.caught_up(ann.username, 4)
    right = await told_to(bob, ann.username)
    refused: list[tuple[str, dict[str, Any], int, str, str]] = [
        ("edit", {"target": 1, "text": "mine"}, 403, "not-yours", "/body/target"),
        ("delete", {"target": 1}, 403, "not-yours", "/body/target"),
        ("reaction", {"target": 2, "emoji": "❤️"}, 410, "gone", "/body/target"),
        ("reaction", {"target": 3, "emoji": "❤️"}, 422, "not-a-message", "/body/target"),
        ("reaction", {"target": 4, "emoji": "❤️"}, 422, "not-a-message", "/body/target"),
        ("reaction", {"target": 99, "emoji": "❤️"}, 422, "ahead", "/body/target"),
        ("reaction", {"target": 2**63 - 1, "emoji": "❤️"}, 422, "ahead", "/body/target"),
        ("reaction", {"target": 1, "emoji": "❤️❤️"}, 422, "invalid", "/body/emoji"),
        ("game", {"target": 1}, 422, "invalid", "/kind"),
        ("message", {"text": "hi"}, 422, "invalid", "/kind"),
    ]
    for kind, body, status, code, pointer in refused:
        answered, problem = await thread.change(bob, kind, **body)
        assert (answered, problem["code"]) == (status, code), (kind, body)
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
        id = await socket.do(ann.username, kind, **body)
        (rejected,) = await socket.receive(Rejected)
        assert (rejected.client_id, rejected.problem.code, rejected.problem.retry) == (id, code, False)
        assert [error.pointer for error in rejected.problem.errors] == [pointer]
    assert await told_to(bob, ann.username) == right
    assert (await thread.change(bob, "reaction", target=1, emoji="❤️"))[0] == 201


async def test_who_is_no_member_can_neither_change_nor_see(thread: Thread, person: MakePerson) -> None:
    ann, bob, eve = thread.ann, thread.bob, await person("eve")
    await ann.send(bob.username, "between us")
    assert (await thread.change(ann, "edit", target=1, text="between the two of us"))[0] == 201
    right = await told_to(bob, ann.username)
    for name in (ann.username, bob.username):
        for kind, more in (("edit", {"text": "mine"}), ("delete", {}), ("reaction", {"emoji": "❤️"})):
            asked = {"client_id": str(uuid4()), "kind": kind, "body": {"target": 1, **more}}
            status, problem = await eve.call("POST", f"/api/threads/{name}/events", asked)
            assert (status, problem["code"]) == (422, "ahead"), "she has no thread with them"
        status, problem = await eve.call("GET", f"/api/threads/{name}/messages/1/history")
        assert (status, problem["code"]) == (422, "ahead")
        status, page = await eve.call("GET", f"/api/threads/{name}/messages?at=2020-01-01")
        assert (page["messages"], page["head"]) == ([], 0)
        answer = {"client_id": str(uuid4()), "text": "as you said", "reply_to": 1}
        status, problem = await eve.call("POST", f"/api/threads/{name}/messages", answer)
        assert (status, problem["errors"][0]["pointer"]) == (422, "/reply_to")
    for name in ("nobody-of-this-name", eve.username):
        asked = {"client_id": str(uuid4()), "kind": "delete", "body": {"target": 1}}
        status, _ = await eve.call("POST", f"/api/threads/{name}/events", asked)
        assert status == (422 if name == eve.username else 404)
        assert (await eve.call("GET", f"/api/threads/{name}/messages/1/history"))[0] == 404
    assert await told_to(bob, ann.username) == right


async def test_a_change_by_http_is_answered_once_and_for_ever(thread: Thread) -> None:
    ann, bob = thread.ann, thread.bob
    socket = await thread.socket(bob)
    await ann.send(bob.username, "one")
    id = str(uuid4())
    status, event = await thread.change(ann, "edit", id, target=1, text="two")
    assert (status, event["kind"], event["body"]) == (201, "edit", {"target": 1, "text": "two"})
    assert await thread.change(ann, "edit", id, target=1, text="two") == (200, event)
    assert (await thread.change(ann, "edit", id, target=1, text="three"))[0] == 409
    assert (await thread.change(ann, "delete", id, target=1))[0] == 409
    assert (await thread.change(ann, "delete", target=1))[0] == 201
    status, again = await thread.change(ann, "edit", id, target=1, text="two")
    assert (status, again["seq"], again["body"]) == (200, 2, {"target": 1}), (
        "without its text, which is deleted"
    )
    assert (await thread.change(ann, "edit", id, target=1, text="three"))[0] == 409
    await socket.caught_up(ann.username, 3)
    assert [frame.seq for frame in log_of(socket)] == [1, 2, 3]


class OldMessage(msgspec.Struct, tag="message", tag_field="type"):
    """As the first contract had it."""

    thread: str
    seq: int
    sender: str
    client_id: str
    text: str
    sent_at: str
    repeat: bool = False


class OldEvent(msgspec.Struct, tag="event", tag_field="type"):
    """As the first contract had it: whatever its kind, a client moves its cursor."""

    thread: str
    seq: int
    kind: str
    sender: str
    client_id: str
    sent_at: str
    body: dict[str, Any]


async def _hear(socket: aiohttp.ClientWebSocketResponse, count: int) -> list[OldMessage | OldEvent]:
    """The next frames that are of the log."""
    heard: list[OldMessage | OldEvent] = []
    while len(heard) < count:
        frame = await socket.receive_str(timeout=10)
        if msgspec.json.decode(frame)["type"] in ("message", "event"):
            heard.append(msgspec.json.decode(frame, type=OldMessage | OldEvent))
    return heard


async def test_a_client_of_the_first_contract_goes_on_as_before(thread: Thread) -> None:
    ann, bob = thread.ann, thread.bob
    new = await thread.socket(ann)
    await new.send(bob.username, "one", "two")
    await new.send(bob.username, "three", reply_to=1)
    changes: list[tuple[str, dict[str, Any]]] = [
        ("edit", {"text": "uno"}),
        ("reaction", {"emoji": "❤️"}),
        ("delete", {}),
    ]
    for kind, more in changes:
        await new.do(bob.username, kind, target=2, **more)
    await new.acknowledged()
    async with bob.http.ws_connect("/messages") as old:
        await old.send_json({"type": "hello", "cursors": {ann.username: 0}})
        log = await _hear(old, 6)
        assert [frame.seq for frame in log] == [1, 2, 3, 4, 5, 6]
        assert [frame.text for frame in log if isinstance(frame, OldMessage)] == ["one", "", "three"]
        send = {"type": "send", "to": ann.username, "client_id": str(uuid4()), "text": "from an old page"}
        for is_repeat in (False, True):
            await old.send_json(send)
            [sent] = await _hear(old, 1)
            assert isinstance(sent, OldMessage)
            assert (sent.seq, sent.text, sent.repeat) == (7, "from an old page", is_repeat)
        await old.send_json({"type": "sync", "thread": ann.username, "after": 4})
        assert [frame.seq for frame in await _hear(old, 3)] == [5, 6, 7]
    await new.caught_up(bob.username, 7)
    [answer] = [frame for frame in log_of(new) if frame.seq == 7]
    assert answer.client_id == UUID(send["client_id"])


@pytest.mark.parametrize("at", ["2020-01-01", "2020-01-01T00:00:00Z"])
async def test_one_comes_to_a_day_and_to_the_texts_of_a_message(at: str, thread: Thread) -> None:
    ann, bob = thread.ann, thread.bob
    await ann.send(bob.username, "one")
    await thread.change(ann, "edit", target=1, text="two")
    _, page = await bob.call("GET", f"/api/threads/{ann.username}/messages?at={at}")
    assert [message["text"] for message in page["messages"]] == ["two"]
    _, history = await bob.call("GET", f"/api/threads/{ann.username}/messages/1/history")
    assert [text["text"] for text in history["texts"]] == ["one", "two"]
