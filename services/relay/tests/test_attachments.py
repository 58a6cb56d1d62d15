"""Messages with files over the socket: in the order of their sends, however long media takes."""

from uuid import uuid4

from services.relay.tests.cluster import Cluster
from shared.testing.fake_media import FakeMedia
from shared.testing.sockets import Socket
from shared.wire.frames import Rejected
from shared.wire.messages import MessageFrame


async def say(socket: Socket, to: str, text: str, *ids: str) -> None:
    attachments = {"attachments": [{"id": id} for id in ids]} if ids else {}
    await socket.say({"type": "send", "to": to, "client_id": str(uuid4()), "text": text, **attachments})


async def test_a_photo_arrives_in_its_place_and_holds_up_no_other_thread(cluster: Cluster) -> None:
    await cluster.sign_up("eve")
    async with FakeMedia().running() as media:
        await cluster.stop("threads")
        await cluster.start("threads", media_url=media.url)
        photo = media.add(cluster.people["ann"].user)
        ann, bob = await cluster.connect("ann"), await cluster.connect("bob", "relay-2")
        eve = await cluster.connect("eve")
        media.thawed.clear()
        await say(ann, "bob", "before")
        await say(ann, "bob", "", photo)
        await say(ann, "bob", "after")
        await say(ann, "bob", "", "9" * 22)
        await say(ann, "eve", "meanwhile")
        assert [frame.text for frame in await eve.receive(MessageFrame)] == ["meanwhile"]
        assert [frame.text for frame in await bob.receive(MessageFrame)] == ["before"]
        media.thawed.set()
        rest = await bob.receive(MessageFrame, 2)
        shown = [(frame.text, [one.id for one in frame.attachments]) for frame in rest]
        assert shown == [("", [photo]), ("after", [])]
        (rejected,) = await ann.receive(Rejected)
        assert [error.pointer for error in rejected.problem.errors] == ["/attachments/0/id"]
        assert rejected.problem.retry is False
