"""How far a device of each member holds the thread: over HTTP, with reads in one batch, told to both."""

import asyncpg
import msgspec
import pytest

from services.threads.tests.driver import Service, User
from shared.wire.link import ReadBatch, ReadDone, ReadMark
from shared.wire.log_calls import HeadsAnswer, HeadsOf


async def positions(threads: Service, user: User) -> dict[str, int]:
    """What the inbox and `welcome` say alike of the only thread."""
    _, answer = await threads.as_user(user, "GET", "/api/threads")
    [row] = answer["threads"]
    heads = await threads.as_relay("/internal/heads", HeadsOf([user.id]), HeadsAnswer)
    [latest] = heads.users[0].latest
    of_row = {name: row[name] for name in ("read", "peer_read", "delivered", "peer_delivered")}
    assert of_row == {name: getattr(latest, name) for name in of_row}
    return of_row


async def marked(threads: Service, *marks: ReadMark) -> list[tuple[int, dict[str, object]]]:
    """What a relay is told when it passes these on: to whom, and the frame."""
    done = await threads.as_relay("/internal/reads", ReadBatch(1, "relay-1", list(marks)), ReadDone)
    return [(notice.user, msgspec.json.decode(notice.frame)) for notice in done.notices]


def frame(type_: str, thread: User, seq: int, by: User) -> dict[str, object]:
    return {"type": type_, "thread": thread.name, "seq": seq, "by": by.name}


async def test_delivered_is_monotone_and_clamped_to_the_head_and_moves_nothing_else(
    threads: Service, ann: User, bob: User
) -> None:
    await threads.say(bob, ann, "1", "2", "3")
    seen = []
    for seq in (2, 1, 0, 3, 2**63 - 1, 1):
        assert (await threads.as_user(ann, "PUT", "/api/threads/bob/delivered", {"seq": seq}))[0] == 204
        seen.append((await positions(threads, ann))["delivered"])
    assert seen == [2, 2, 2, 3, 3, 3]
    assert await positions(threads, bob) == {"read": 0, "peer_read": 0, "delivered": 0, "peer_delivered": 3}
    _, answer = await threads.as_user(ann, "GET", "/api/threads")
    assert answer["threads"][0]["unread"] == 3


@pytest.mark.parametrize(
    ("peer", "body", "status"),
    [
        ("bob", {"seq": 1}, 204),
        ("ann", {"seq": 1}, 404),
        ("nobody", {"seq": 1}, 404),
        ("bob", {"seq": -1}, 422),
        ("bob", {}, 422),
    ],
)
async def test_a_delivered_is_taken_or_refused(
    threads: Service, ann: User, bob: User, peer: str, body: dict[str, object], status: int
) -> None:
    assert (await threads.as_user(ann, "PUT", f"/api/threads/{peer}/delivered", body))[0] == status


async def test_what_is_read_is_delivered(threads: Service, ann: User, bob: User) -> None:
    await threads.say(ann, bob, "1", "2")
    assert await marked(threads, ReadMark(bob.id, "bob", "ann", 2)) == [
        (ann.id, frame("read", bob, 2, bob)),
        (bob.id, frame("read", ann, 2, bob)),
    ]
    assert await positions(threads, ann) == {"read": 0, "peer_read": 2, "delivered": 0, "peer_delivered": 2}
    assert await marked(threads, ReadMark(bob.id, "bob", "ann", 0, 2)) == []


async def test_reads_and_deliveries_of_a_batch_are_told_once_each(
    threads: Service, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "1", "2", "3")
    told = await marked(
        threads,
        ReadMark(bob.id, "bob", "ann", 0, 1),
        ReadMark(bob.id, "bob", "ann", 1, 3),
        ReadMark(ann.id, "ann", "bob", 0, 2),
    )
    assert sorted(told, key=repr) == sorted(
        [
            (user.id, each)
            for user, thread in ((ann, bob), (bob, ann))
            for each in (
                frame("read", thread, 1, bob),
                frame("delivered", thread, 3, bob),
                frame("delivered", thread, 2, ann),
            )
        ],
        key=repr,
    )


async def test_what_was_read_before_there_was_delivered_counts(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "1", "2", "3")
    await marked(threads, ReadMark(bob.id, "bob", "ann", 2))
    await sql.execute("UPDATE threads SET low_delivered = 0, high_delivered = 0")  # as 009 left it
    assert (await positions(threads, ann))["peer_delivered"] == 2
    assert await marked(threads, ReadMark(bob.id, "bob", "ann", 0, 2)) == []
    assert len(await marked(threads, ReadMark(bob.id, "bob", "ann", 0, 3))) == 2
