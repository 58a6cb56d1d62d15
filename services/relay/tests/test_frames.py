"""Every frame of the contract, and the answers to anything else."""

import json
from typing import Any
from uuid import uuid4

import aiohttp
from hypothesis import given, settings
from hypothesis import strategies as st

from services.relay.tests.cluster import Cluster
from shared.testing.rawsocket import frame
from shared.testing.sockets import Socket
from shared.wire.frames import ErrorFrame, Pong, Rejected, Welcome
from shared.wire.ids import uuid7
from shared.wire.messages import EventFrame, MessageFrame


async def rejection(socket: Socket, **fields: Any) -> Rejected:
    """What a send with these fields is answered with."""
    await socket.say({"type": "send", "to": "bob", "client_id": str(uuid7()), "text": "hi"} | fields)
    (rejected,) = await socket.receive(Rejected)
    return rejected


async def test_a_ping_is_answered_by_a_pong(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    await ann.say({"type": "ping"})
    assert await ann.receive(Pong) == [Pong()]


async def test_the_first_frame_must_be_hello_and_there_is_one_hello(cluster: Cluster) -> None:
    ann = cluster.socket("ann")
    await ann.open()
    for early in (
        {"type": "ping"},
        {"type": "send", "to": "bob"},
        _change(),
        {"type": "do"},
        {"type": "dance"},
    ):
        await ann.say(early)
    codes = [frame.problem.code for frame in await ann.receive(ErrorFrame, 5)]
    assert codes == ["hello-first"] * 5
    await ann.say({"type": "hello", "cursors": {"bob": -1}})
    (error,) = await ann.receive(ErrorFrame)
    assert error.problem.code == "invalid"
    await ann.hello()
    await ann.say({"type": "hello"})
    (error,) = await ann.receive(ErrorFrame)
    assert error.problem.code == "hello-again"
    await ann.say({"type": "ping"})
    await ann.receive(Pong)


async def test_frames_right_behind_the_hello_wait_for_the_welcome(cluster: Cluster) -> None:
    ann = cluster.socket("ann")
    await ann.open()
    await ann.say({"type": "hello"})
    await ann.send("bob", "one")
    await ann.say({"type": "ping"})
    await ann.acknowledged()
    assert isinstance(ann.frames[0], Welcome)
    await ann.receive(Pong)


async def test_silence_before_hello_ends_with_4000(cluster: Cluster) -> None:
    await cluster.stop("relay-1")
    await cluster.start("relay-1", hello_within_s=0.2)
    ann = cluster.socket("ann")
    await ann.open()
    assert await ann.closed() == 4000


WRONG_SENDS: list[tuple[dict[str, Any], str, str]] = [
    ({"text": ""}, "invalid", "/text"),
    ({"text": " \n\u200b"}, "invalid", "/text"),
    ({"text": "x" * 4001}, "invalid", "/text"),
    ({"text": "a\u0000b"}, "invalid", "/text"),
    ({"text": 5}, "invalid", "/text"),
    ({"to": "ann"}, "invalid", "/to"),
    ({"to": "Ann"}, "invalid", "/to"),
    ({"to": "nobody"}, "not-found", "/to"),
    ({"to": "no such name"}, "not-found", "/to"),
    ({"client_id": "mine"}, "invalid", "/client_id"),
    ({"more": 1}, "invalid", "/more"),
    ({"reply_to": 0}, "invalid", "/reply_to"),
    ({"reply_to": -1}, "invalid", "/reply_to"),
    ({"reply_to": 2**63}, "invalid", "/reply_to"),
    ({"reply_to": "1"}, "invalid", "/reply_to"),
    ({"reply_to": 1.5}, "invalid", "/reply_to"),
    ({"text": "", "attachments": []}, "invalid", "/text"),
    ({"attachments": None}, "invalid", "/attachments"),
    ({"attachments": [{"id": f"{number:022}"} for number in range(11)]}, "invalid", "/attachments"),
    ({"attachments": [{"id": 7}]}, "invalid", "/attachments/0/id"),
    ({"attachments": [{"id": "../secret"}]}, "invalid", "/attachments/0/id"),
    ({"attachments": [{"id": "0" * 22}, {"id": "0" * 22}]}, "invalid", "/attachments/1/id"),
    ({"attachments": [{"id": "0" * 22, "alt": "x" * 1001}]}, "invalid", "/attachments/0/alt"),
    ({"attachments": [{"id": "0" * 22, "url": "/"}]}, "invalid", "/attachments/0/url"),
]


async def test_a_send_that_is_not_right_is_rejected_with_the_field(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    for fields, code, pointer in WRONG_SENDS:
        id = str(uuid7())
        rejected = await rejection(ann, **({"client_id": id} | fields))
        assert rejected.client_id == fields.get("client_id", id)
        assert (rejected.problem.code, rejected.problem.retry) == (code, False), fields
        assert [error.pointer for error in rejected.problem.errors] == [pointer]
    await ann.send("bob", "still here")
    await ann.acknowledged()


_LONG_EMOJI = "❤️" + "\u200d❤️" * 32
WRONG_CHANGES: list[tuple[dict[str, Any], str, str]] = [
    ({"to": "ann"}, "invalid", "/to"),
    ({"to": "nobody"}, "not-found", "/to"),
    ({"to": "no such name"}, "not-found", "/to"),
    ({"client_id": "mine"}, "invalid", "/client_id"),
    ({"more": 1}, "invalid", "/more"),
    ({"text": "hi"}, "invalid", "/text"),
    ({"kind": "message"}, "invalid", "/kind"),
    ({"kind": "game", "body": {"id": str(uuid7())}}, "invalid", "/kind"),
    ({"kind": "later"}, "invalid", "/kind"),
    ({"kind": ""}, "invalid", "/kind"),
    ({"kind": "Edit"}, "invalid", "/kind"),
    ({"kind": "x" * 40}, "invalid", "/kind"),
    ({"kind": 5}, "invalid", "/kind"),
    ({"kind": None}, "invalid", "/kind"),
    *(({"body": body}, "invalid", "/body") for body in (None, 1, "target", [], [1], True)),
    *(({"body": {"target": target, "text": "x"}}, "invalid", "/body/target")
      for target in (0, -1, 2**63, 10**400, 1.5, "1", None, True, [1], {"seq": 1})),
    *(({"body": {"target": 1, "text": text}}, "invalid", "/body/text")
      for text in ("", " \n\u200b", "x" * 4001, "a\u0000b", "a" + "\u0301" * 31, 5, None)),
    ({"body": {"target": 1}}, "invalid", "/body/text"),
    ({"body": {"text": "x"}}, "invalid", "/body/target"),
    ({"body": {"target": 1, "text": "x", "more": 1}}, "invalid", "/body/more"),
    ({"kind": "delete", "body": {"target": 1, "text": "x"}}, "invalid", "/body/text"),
    ({"kind": "reaction", "body": {"target": 1}}, "invalid", "/body/emoji"),
    ({"kind": "reaction", "body": {"target": 1, "emoji": "❤️", "by": "bob"}}, "invalid", "/body/by"),
    *(({"kind": "reaction", "body": {"target": 1, "emoji": emoji}}, "invalid", "/body/emoji")
      for emoji in ("", " ", "x", "1", "❤️❤️", "❤️ ", "\u200d", _LONG_EMOJI, "🇩", 5, ["❤️"], False)),
]  # fmt: skip


def _change(**fields: Any) -> dict[str, Any]:
    """A frame that asks for a change; fields: in place of what is right."""
    right = {"to": "bob", "client_id": str(uuid7()), "kind": "edit", "body": {"target": 1, "text": "x"}}
    return {"type": "do"} | right | fields


async def test_a_change_that_is_not_right_is_rejected_with_the_field(cluster: Cluster) -> None:
    assert len(_LONG_EMOJI.encode()) > 250
    ann = await cluster.connect("ann")
    await ann.send("bob", "one")
    await ann.acknowledged()
    for fields, code, pointer in WRONG_CHANGES:
        asked = _change(**fields)
        await ann.say(asked)
        (rejected,) = await ann.receive(Rejected)
        assert rejected.client_id == asked["client_id"]
        assert (rejected.problem.code, rejected.problem.retry) == (code, False), fields
        assert [error.pointer for error in rejected.problem.errors] == [pointer], fields
    await ann.do("bob", "edit", target=1, text="still here")
    await ann.acknowledged()
    assert ann.cursors["bob"] == 2


async def test_a_change_without_an_id_to_reject_it_by_is_an_error(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    for id in (5, None, ["x"]):
        await ann.say(_change(client_id=id))
    errors = await ann.receive(ErrorFrame, 3)
    assert [frame.problem.errors[0].pointer for frame in errors] == ["/client_id"] * 3


async def test_a_change_comes_to_every_socket_of_both_as_an_event(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    others = [await cluster.connect("ann", "relay-2"), await cluster.connect("bob")]
    await ann.send("bob", "one")
    id = await ann.do("Bob", "edit", target=1, text="e\u0301")
    await ann.do("bob", "reaction", target=1, emoji="❤")
    for socket in (ann, *others):
        edit, reaction = await socket.receive(EventFrame, 2)
        assert (edit.seq, edit.kind, edit.sender, str(edit.client_id)) == (2, "edit", "ann", id)
        assert json.loads(bytes(edit.body)) == {"target": 1, "text": "é"}
        assert (reaction.seq, json.loads(bytes(reaction.body))) == (3, {"target": 1, "emoji": "❤️"})


async def test_an_answer_says_to_every_socket_what_it_answers(cluster: Cluster) -> None:
    ann, bob = await cluster.connect("ann"), await cluster.connect("bob", "relay-2")
    await ann.send("bob", "one")
    await ann.acknowledged()
    await ann.do("bob", "reaction", target=1, emoji="👍")
    await bob.caught_up("ann", 2)
    id = uuid4()
    for _ in range(2):
        await bob.send("ann", "two", reply_to=1, client_id=id)
    first, again = (await bob.receive(MessageFrame, 3))[1:]
    assert (first.reply_to, first.repeat) == (again.reply_to, not again.repeat) == (1, False)
    assert [frame.reply_to for frame in await ann.receive(MessageFrame, 2)] == [None, 1]
    for target, code in ((2, "not-a-message"), (99, "ahead"), (2**63 - 1, "ahead")):
        rejected = await rejection(ann, reply_to=target)
        assert (rejected.problem.code, rejected.problem.errors[0].pointer) == (code, "/reply_to")
    assert (await rejection(bob, to="ann", client_id=str(id), text="two")).problem.code == "conflict"


async def test_a_repeated_change_is_answered_to_that_socket_alone(cluster: Cluster) -> None:
    ann, bob = await cluster.connect("ann"), await cluster.connect("bob")
    await ann.send("bob", "one")
    id = uuid4()
    for _ in range(2):
        await ann.do("bob", "edit", client_id=id, target=1, text="two")
    first, again = await ann.receive(EventFrame, 2)
    assert (first.repeat, again.repeat) == (False, True)
    assert (first.seq, first.sent_at, bytes(first.body)) == (again.seq, again.sent_at, bytes(again.body))
    await ann.acknowledged()
    for other in ({"body": {"target": 1, "text": "three"}}, {"kind": "delete", "body": {"target": 1}}):
        await ann.say(_change(client_id=str(id)) | other)
        (rejected,) = await ann.receive(Rejected)
        assert (rejected.client_id, rejected.problem.code) == (str(id), "conflict")
    assert (await rejection(ann, client_id=str(id))).problem.code == "conflict"
    await ann.send("bob", "four")
    await bob.caught_up("ann", 3)
    assert len([frame for frame in bob.frames if isinstance(frame, EventFrame)]) == 1


async def test_a_lone_surrogate_is_rejected_with_its_client_id(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    id = str(uuid7())
    await ann.say(json.dumps({"type": "send", "to": "bob", "client_id": id, "text": "\ud83d"}))
    (rejected,) = await ann.receive(Rejected)
    assert (rejected.client_id, rejected.problem.errors[0].pointer) == (id, "/text")


async def test_a_repeated_client_id_is_answered_to_that_socket_alone(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    other = await cluster.connect("ann", "relay-2")
    bob = await cluster.connect("bob")
    id = uuid4()
    await ann.send("bob", "one", client_id=id)
    await ann.acknowledged()
    await ann.send("bob", "one", client_id=id)
    first, again = await ann.receive(MessageFrame, 2)
    assert (first.repeat, again.repeat) == (False, True)
    assert (first.seq, first.text, first.sent_at) == (again.seq, again.text, again.sent_at)
    assert (await rejection(ann, client_id=str(id), text="another")).problem.code == "conflict"
    await ann.send("bob", "two")
    for socket in (other, bob):
        await socket.caught_up("bob" if socket is other else "ann", 2)
        assert len([frame for frame in socket.frames if isinstance(frame, MessageFrame)]) == 2


async def test_the_text_that_arrives_is_the_text_that_was_sent(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    bob = await cluster.connect("bob", "relay-2")
    texts = ["é", "👩‍👩‍👧", '"\\\n\t', "<b>&amp;</b>", "x" * 4000, "😀" * 4000, "a\u2028\u2029b", "ﷺ"]
    await ann.send("bob", *texts)
    assert await bob.caught_up("ann", len(texts)) == texts


async def test_what_is_not_json_closes_with_1007(cluster: Cluster) -> None:
    for payload in (b"{", b"hello", b'{"type":"ping","x":NaN}', b"\xff\xfe"):
        ann = await cluster.connect("ann")
        await ann.say(payload)
        assert await ann.closed() == 1007, payload


async def test_a_binary_frame_closes_with_1003(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    assert ann.websocket is not None
    await ann.websocket.send_bytes(b"{}")
    assert await ann.closed() == 1003


async def test_an_oversize_frame_closes_with_1009(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    await ann.say(b'{"type":"ping"}' + b" " * 65_536)
    assert await ann.closed() == 1009
    await ann.connect()
    await ann.say(b'{"type":"ping"}' + b" " * (65_536 - 15))
    await ann.receive(Pong)


async def test_an_unmasked_frame_closes_with_1002(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    assert ann.websocket is not None
    ann.websocket._writer.use_mask = False
    await ann.say({"type": "ping"})
    assert await ann.closed() == 1002


json_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(["bob", "ann", "nobody", "", "\ud800", "x" * 70])
kinds = st.sampled_from(["hello", "send", "do", "sync", "read", "typing", "ping", "dance", ""])
changes = st.sampled_from(["edit", "delete", "reaction", "game", "message", ""])
numbers = st.integers(-2, 5) | st.sampled_from([2**63 - 1, 2**63, 2**64, -(2**70), 10**30])
content = st.fixed_dictionaries(
    {"type": kinds},
    optional={
        "to": names | json_value,
        "text": st.text(st.characters(), max_size=20) | json_value,
        "reply_to": numbers | json_value,
        "client_id": st.uuids().map(str) | json_value,
        "kind": changes | json_value,
        "body": st.fixed_dictionaries({"target": numbers}, optional={"text": json_value, "emoji": json_value})
        | json_value,
        "thread": names | json_value,
        "seq": numbers | json_value,
        "after": numbers | json_value,
        "cursors": st.dictionaries(names, numbers | json_value, max_size=3) | json_value,
        "more": json_value,
    },
)
payload = content.map(lambda fields: json.dumps(fields).encode()) | st.binary(max_size=60)
raw = payload.map(lambda sent: frame(sent, mask=b"mask")) | st.binary(min_size=1, max_size=60)


async def test_no_frame_whatever_it_holds_harms_the_node(cluster: Cluster) -> None:
    """Each socket says hello and then anything; it stays open and answers, or is closed with the right code."""
    batches: list[list[bytes]] = []

    @settings(max_examples=60, deadline=None, database=None)
    @given(st.lists(raw, min_size=5, max_size=20))
    def collect(frames: list[bytes]) -> None:
        batches.append(frames)

    collect()
    for frames in batches:
        ann = await cluster.connect("ann")
        assert ann.websocket is not None
        transport = ann.websocket._writer.transport
        for data in frames:
            transport.write(data)
        transport.write(frame(b'{"type":"ping"}') + frame((1000).to_bytes(2), 8))
        # 1006: a frame that promises more than comes is ended by neither side
        transport.write(b"\xff" * 16)
        assert await ann.closed() in (1000, 1002, 1003, 1007, 1009, 1006), frames
        await ann.disconnect()
    healthy = await cluster.connect("ann")
    await healthy.send("bob", "still here")
    await healthy.acknowledged()
    assert len(cluster.node("relay-1").connections) == 1
    assert not isinstance(healthy.websocket, aiohttp.WebSocketError)
