"""How often is too often."""

import asyncio
import time

from services.relay.limits import FRAMES_BURST, SENDS_A_SECOND, SENDS_BURST, SMALL_TALK_BURST, Limits
from services.relay.tests.cluster import Cluster
from services.relay.transport.share import MAX_SOCKETS
from shared.plumbing import failpoints
from shared.plumbing.limits.ledger import EVERY_S, Ledger
from shared.wire.allowance import TakeSend
from shared.wire.frames import ErrorFrame, Rejected
from shared.wire.log_calls import Deliveries
from shared.wire.messages import EventFrame, MessageFrame


async def limited(cluster: Cluster, *nodes: str, refills: bool = False) -> None:
    """Where nothing refills, it matters to no test how long it takes."""
    for name in nodes or ("relay-1",):
        await cluster.stop(name)
        await cluster.start(name, rate_limits="on")
        if not refills:
            cluster.node(name).limits.clock = lambda: 0.0


async def test_too_many_sends_are_rejected_and_keep_their_order_when_resent(cluster: Cluster) -> None:
    await limited(cluster)
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    texts = [f"message {number}" for number in range(210)]
    await ann.send("bob", *texts)
    rejected = await ann.receive(Rejected)
    assert rejected[0].problem.code == "rate-limited"
    assert rejected[0].problem.retry
    cluster.node("relay-1").limits.clock = time.monotonic
    while ann.unsent:
        oldest = next(iter(ann.unsent))
        await ann.say(ann.unsent[oldest])
        await ann.settled(oldest)
    assert await bob.caught_up("ann", 210) == texts


async def test_sends_by_http_and_by_socket_share_one_allowance(cluster: Cluster) -> None:
    await limited(cluster)
    ann = await cluster.connect("ann", "relay-1")
    taken = TakeSend(cluster.people["ann"].user)
    for _ in range(SENDS_BURST - 20):
        await cluster.call("relay-1", "POST", "/internal/sends", taken)
    await ann.send("bob", *["by socket"] * 200)
    rejected = await ann.receive(Rejected, 180)
    assert rejected[0].problem.code == "rate-limited"
    calls = (cluster.call("relay-1", "POST", "/internal/sends", taken) for _ in range(SENDS_BURST))
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum("rate-limited" in str(answer) for answer in answers) == SENDS_BURST


async def test_the_sends_of_a_person_who_has_sockets_on_two_nodes_share_one_allowance(
    cluster: Cluster,
) -> None:
    await limited(cluster, "relay-1", "relay-2")
    ann = cluster.people["ann"].user
    one, other = (cluster.node(name).limits for name in ("relay-1", "relay-2"))
    began = time.monotonic()  # of what both give out, Redis counts by a clock of its own
    assert not any(one.sends(ann) for _ in range(SENDS_BURST))
    sent, at_once = 0, 10  # faster than a bucket fills
    while (taken := sum(not other.sends(ann) for _ in range(at_once))) == at_once:
        sent += taken
        await asyncio.sleep(EVERY_S)
    assert sent + taken < SENDS_BURST / 2 + (time.monotonic() - began) * SENDS_A_SECOND


async def test_a_send_that_is_limited_does_not_pass_earlier_ones_that_are_refused_later(
    cluster: Cluster,
) -> None:
    """The first five wait for their batch, which is refused: nobody knows bob, who was never here, and auth is away."""
    await limited(cluster)
    node = cluster.node("relay-1")
    ann = await cluster.connect("ann", "relay-1")
    texts = [f"message {number}" for number in range(20)]
    await cluster.stop("auth")
    for _ in range(SENDS_BURST - 5):
        node.limits.sends(cluster.people["ann"].user)
    failpoints.arm("relay.before_settle=sleep:0.5@1")
    try:
        ids = await ann.send("bob", *texts)
        rejected = await ann.receive(Rejected, len(texts))
    finally:
        failpoints.arm("")
    assert rejected[0].problem.code == "rate-limited"
    assert rejected[0].client_id != ids[0]
    await cluster.start("auth")
    node.limits.enforced = False
    await ann.resend()
    await ann.acknowledged()
    bob = cluster.socket("bob", "relay-2")
    await bob.connect(cursors={"ann": 0})
    assert await bob.caught_up("ann", len(texts)) == texts


async def test_the_limit_is_a_users_whatever_the_sockets(cluster: Cluster) -> None:
    await limited(cluster)
    sockets = [await cluster.connect("ann", "relay-1") for _ in range(2)]
    for socket in sockets:
        await socket.send("bob", *[f"message {number}" for number in range(150)])
    rejected = [await socket.receive(Rejected) for socket in sockets[1:]]
    assert rejected[0][0].problem.status == 429
    bob = await cluster.connect("bob", "relay-1")
    await bob.send("ann", "not limited")
    await bob.acknowledged()


async def test_small_talk_is_limited_a_session(cluster: Cluster) -> None:
    await limited(cluster)
    ann = await cluster.connect("ann", "relay-1")
    for _ in range(260):
        await ann.say({"type": "ping"})
    (error,) = await ann.receive(ErrorFrame)
    assert error.problem.code == "rate-limited"
    await ann.send("bob", "still here")
    assert len(await ann.receive(MessageFrame)) == 1


async def test_after_a_burst_whose_answers_were_lost_one_can_write_on(cluster: Cluster) -> None:
    """All of it is stored. It is sent again and meets the limit, and is acknowledged by the replay."""
    await limited(cluster, refills=True)
    before = await cluster.connect("ann", "relay-1")
    texts = [f"message {number}" for number in range(SENDS_BURST)]
    ids = await before.send("bob", *texts)
    await before.acknowledged()
    ann = cluster.socket("ann", "relay-1")
    await ann.connect(cursors={"bob": 0})
    ann.unsent = {
        id: {"type": "send", "to": "bob", "client_id": id, "text": text}
        for id, text in zip(ids, texts, strict=True)
    }
    await ann.resend()
    await ann.acknowledged()
    [last] = await ann.send("bob", "after")
    async with asyncio.timeout(10):
        while ann.unsent:
            await ann.settled(last)
            await ann.resend()
    assert await ann.caught_up("bob", SENDS_BURST + 1) == [*texts, "after"]


async def test_a_send_counts_before_its_text_is_looked_at(cluster: Cluster) -> None:
    await limited(cluster)
    ann = await cluster.connect("ann", "relay-1")
    await ann.send("bob", *["a" + "\u0301" * 3000 + "\u0316" * 3000] * (SENDS_BURST + 10))
    codes = [frame.problem.code for frame in await ann.receive(Rejected, SENDS_BURST + 10)]
    assert codes == ["invalid"] * SENDS_BURST + ["rate-limited"] + ["unavailable"] * 9


async def test_changes_count_as_sends_and_keep_their_place_among_them(cluster: Cluster) -> None:
    """What comes behind a refused change is refused, too, until that change has come again."""
    await limited(cluster)
    node, user = cluster.node("relay-1"), cluster.people["ann"].user
    ann = await cluster.connect("ann", "relay-1")
    await ann.send("bob", "one")
    await ann.acknowledged()
    for _ in range(SENDS_BURST):
        node.limits.sends(user)
    changed = await ann.do("bob", "edit", target=1, text="two")
    (rejected,) = await ann.receive(Rejected)
    assert (rejected.client_id, rejected.problem.code) == (changed, "rate-limited")
    assert rejected.problem.retry
    node.limits.enforced = False
    [sent] = await ann.send("bob", "three")
    (rejected,) = await ann.receive(Rejected)
    assert (rejected.client_id, rejected.problem.code) == (sent, "unavailable")
    await ann.resend()
    await ann.acknowledged()
    log = [frame for frame in ann.frames if isinstance(frame, MessageFrame | EventFrame)]
    assert [str(frame.client_id) for frame in log[1:]] == [changed, sent]


async def test_an_honest_page_that_comes_back_meets_no_limit(cluster: Cluster) -> None:
    """An outbox of 200, 200 threads to go on with beyond those of the hello, what was read, and small talk."""
    await limited(cluster)
    bob = await cluster.connect("bob", "relay-2")
    ann = await cluster.connect("ann", "relay-1")
    for _ in range(210):
        await ann.say({"type": "sync", "thread": "bob", "after": 0})
    for _ in range(200):
        await ann.say({"type": "read", "thread": "bob", "seq": 0})
    for _ in range(20):
        await ann.say({"type": "typing", "thread": "bob"})
        await ann.say({"type": "ping"})
    texts = [f"message {number}" for number in range(SENDS_BURST)]
    await ann.send("bob", *texts)
    await ann.acknowledged()
    assert await bob.caught_up("ann", SENDS_BURST) == texts
    assert [frame for frame in ann.frames if isinstance(frame, ErrorFrame | Rejected)] == []
    assert ann.close_code is None


async def test_one_person_may_have_thirty_sockets_and_then_the_oldest_goes(cluster: Cluster) -> None:
    await limited(cluster)
    bob = await cluster.connect("bob", "relay-1")
    sockets = [await cluster.connect("ann", "relay-1") for _ in range(MAX_SOCKETS)]
    assert [socket.close_code for socket in sockets] == [None] * MAX_SOCKETS
    await cluster.connect("ann", "relay-1")
    assert await sockets[0].closed() == 4502
    await bob.send("ann", "hi")
    for socket in sockets[1:]:
        await socket.caught_up("bob", 1)
    assert bob.close_code is None


async def test_a_new_socket_brings_no_new_allowance(cluster: Cluster) -> None:
    await limited(cluster)
    node, user = cluster.node("relay-1"), cluster.people["ann"].user
    node.limits._frames.charge(user, 100 * FRAMES_BURST)  # so that none comes back while the socket opens
    ann = cluster.socket("ann", "relay-1")
    await ann.open()
    (connection,) = node.connections
    assert connection.share.left == 0


async def test_one_persons_sockets_ask_for_two_pages_at_once(cluster: Cluster) -> None:
    await limited(cluster)
    bob = await cluster.connect("bob", "relay-1")
    await bob.send("ann", "one")
    await bob.acknowledged()
    replay = cluster.node("relay-1").replay
    fetch, asking, most = replay._fetch, 0, 0

    async def counted(thread: int, members: tuple[int, int], after: int) -> Deliveries:
        nonlocal asking, most
        asking += 1
        most = max(most, asking)
        try:
            return await fetch(thread, members, after)
        finally:
            asking -= 1

    replay._fetch = counted
    sockets = [cluster.socket("ann", "relay-1") for _ in range(10)]
    await asyncio.gather(*(socket.connect(cursors={"bob": 0}) for socket in sockets))
    for socket in sockets:
        assert await socket.caught_up("bob", 1) == ["one"]
    assert most == 2


def test_who_has_had_sixteen_megabytes_gets_two_a_second() -> None:
    limits = Limits(Ledger(), enforced=True)
    limits.clock = lambda: 0.0
    for _ in range(32):
        assert limits.replay(1) == 0.0
        limits.replayed(1, 512 * 1024)
    limits.replayed(1, 512 * 1024)
    assert limits.replay(1) == 0.25
    assert limits.replay(2) == 0.0


async def test_no_sync_is_refused_however_many_come_at_once(cluster: Cluster) -> None:
    """As from a page that holds more threads than its hello may name."""
    await limited(cluster)
    ann = await cluster.connect("ann", "relay-1")
    await ann.send("bob", "one")
    await ann.acknowledged()
    for _ in range(2 * SMALL_TALK_BURST):
        await ann.say({"type": "sync", "thread": "bob", "after": 1})
    await ann.sync("bob", 0)
    assert await ann.caught_up("bob", 1) == ["one", "one"]
    assert not [frame for frame in ann.frames if isinstance(frame, ErrorFrame)]
