"""The inbox and unread counts."""

from typing import Any

import asyncpg

from services.threads.tests.driver import Service, User, item
from services.threads.tests.fake_auth import FakeAuth


async def inbox(threads: Service, user: User, **query: Any) -> tuple[list[dict[str, Any]], str | None]:
    status, answer = await threads.as_user(user, "GET", "/api/threads", **query)
    assert status == 200, answer
    return answer["threads"], answer["next"]


async def test_an_empty_inbox(threads: Service, ann: User) -> None:
    assert await inbox(threads, ann) == ([], None)


async def test_a_thread_shows_its_peer_its_last_message_and_what_is_unread(
    threads: Service, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "one", "two")
    [seen_by_bob], _ = await inbox(threads, bob)
    last = seen_by_bob.pop("last_message")
    assert seen_by_bob == {
        "username": "ann", "display_name": "Ann", "head": 2, "unread": 2, "read": 0, "peer_read": 0,
        "delivered": 0, "peer_delivered": 0,
    }  # fmt: skip
    assert (last["thread"], last["sender"], last["text"], last["seq"]) == ("ann", "ann", "two", 2)
    [seen_by_ann], _ = await inbox(threads, ann)
    assert (seen_by_ann["username"], seen_by_ann["unread"]) == ("bob", 0)


async def test_games_move_a_thread_up_but_are_neither_unread_nor_its_last_message(
    threads: Service, ann: User, bob: User, eve: User
) -> None:
    await threads.say(bob, ann, "hello")
    await threads.say(eve, ann, "hi")
    link = await threads.link()
    await link.append(item(bob, ann, '{"cell":4}', kind="game.move"))
    listed, _ = await inbox(threads, ann)
    assert [(one["username"], one["head"], one["unread"]) for one in listed] == [("bob", 2, 1), ("eve", 1, 1)]
    assert listed[0]["last_message"]["text"] == "hello"


async def test_a_thread_of_other_kinds_only_has_no_last_message(
    threads: Service, ann: User, bob: User
) -> None:
    await (await threads.link()).append(item(bob, ann, "{}", kind="game.start"))
    [only], _ = await inbox(threads, ann)
    assert (only["last_message"], only["unread"], only["head"]) == (None, 0, 1)


async def test_pages_hold_each_thread_once_though_times_tie(
    threads: Service, auth: FakeAuth, sql: asyncpg.Connection, ann: User
) -> None:
    # Ann's id is between the others', so that she is the low member of some threads and the high one of others.
    others = [User(number, f"user{number}") for number in (*range(1, 11), *range(101, 111))]
    for other in others:
        auth.add(other.id, other.name)
        await threads.say(other, ann, "hi")
    await sql.execute(
        "UPDATE threads SET last_at = '2026-01-01T10:00Z'::timestamptz + interval '20 min' * (id % 5)"
    )
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page, cursor = await inbox(threads, ann, limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [one["username"] for one in page]
    assert sorted(seen) == sorted(other.name for other in others)
    assert len(seen) == len(others)
    at_once, _ = await inbox(threads, ann, limit=200)
    assert seen == [one["username"] for one in at_once]


async def test_a_cursor_that_was_never_given_out_is_refused(threads: Service, ann: User) -> None:
    for cursor in ("x", "1~2~3~4", "1~-~0", "1~nobody~0", "9" * 300 + "~bob~1", "1~bob~-1", "١~bob~0x"):
        status, problem = await threads.as_user(ann, "GET", "/api/threads", cursor=cursor)
        assert (status, problem["errors"][0]["pointer"]) == (422, "?cursor"), cursor


async def test_unread_is_exact_to_999_and_stays_so_above(threads: Service, ann: User, bob: User) -> None:
    await threads.say(ann, bob, *["mine"] * 300)
    await threads.say(bob, ann, *["theirs"] * 999)
    assert await _unread(threads, ann) == 999
    await threads.say(bob, ann, *["theirs"] * 200)
    assert await _unread(threads, ann) == 999
    await _read(threads, ann, "bob", 300 + 200)
    assert await _unread(threads, ann) == 999
    await _read(threads, ann, "bob", 300 + 201)
    assert await _unread(threads, ann) == 998
    await _read(threads, ann, "bob", 1498)
    assert await _unread(threads, ann) == 1
    assert await _unread(threads, bob) == 300


async def test_unread_counts_the_peers_messages_only_wherever_the_position_is(
    threads: Service, ann: User, bob: User
) -> None:
    for _ in range(3):
        await threads.say(ann, bob, "a")
        await threads.say(bob, ann, "b", "b")
        await (await threads.link()).append(item(bob, ann, "{}", kind="game.move"))
    expected = [6, 6, 5, 4, 4, 4, 3, 2, 2, 2, 1, 0, 0]
    for seq, unread in enumerate(expected):
        await _read(threads, ann, "bob", seq)
        assert await _unread(threads, ann) == unread, seq


async def _unread(threads: Service, user: User) -> int:
    [only], _ = await inbox(threads, user)
    unread: int = only["unread"]
    return unread


async def _read(threads: Service, user: User, peer: str, seq: int) -> None:
    assert await threads.as_user(user, "PUT", f"/api/threads/{peer}/read", {"seq": seq}) == (204, None)
