"""The current state of messages: in pages with what they answer, in the inbox, in search, and how it came to be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.threads.pages import MAX_PAGE_BYTES
from services.threads.tests.driver import Service, User, change, delivered, item
from services.threads.tests.test_inbox import inbox
from services.threads.tests.test_search import find, until_found
from shared.testing.pace import slowness
from shared.wire import codec
from shared.wire.http import Messages, MessagesQuery

LARGEST = "x" + "\x01" * 3999


async def test_pages_hold_what_their_messages_answer_and_do_not_hold_themselves(
    threads: Service, ann: User, bob: User
) -> None:
    link = await threads.link()
    await threads.say(ann, bob, "one", "two", "three", "four")
    await link.append(
        item(bob, ann, "re one", reply_to=1),
        item(bob, ann, "re one again", reply_to=1),
        item(ann, bob, "re re one", reply_to=5),
        item(ann, bob, "re three", reply_to=3),
        change(ann, bob, "edit", 1, text="ONE"),
        change(ann, bob, "delete", 3),
        item(bob, ann, "the last", reply_to=8),
    )

    async def quoted(**query: Any) -> list[tuple[int, str | None]]:
        page = await threads.page(bob, ann, **query)
        return [(one["seq"], one.get("text")) for one in page["quoted"]]

    assert await quoted() == []
    assert await quoted(limit=1) == [(8, "re three")]
    assert await quoted(limit=2) == [(3, None)]
    assert await quoted(limit=4) == [(1, "ONE"), (3, None), (5, "re one")]
    assert await quoted(before=8, limit=3) == [(1, "ONE")]
    assert await quoted(after=5, limit=2) == [(1, "ONE"), (5, "re one")]
    assert await quoted(around=7, limit=1) == [(5, "re one")]
    assert await quoted(after=4, limit=1) == [(1, "ONE")]
    assert await quoted(before=5) == []
    [one] = (await threads.page(bob, ann, after=4, limit=1))["quoted"]
    assert (one["version"], one["thread"], one["sender"], "edited_at" in one) == (9, "ann", "ann", True)


async def test_quoted_messages_count_towards_the_size_of_a_page(
    threads: Service, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, *[LARGEST] * 30)
    replies = [item(bob, ann, "x" * 4000, reply_to=seq) for seq in range(1, 31)]
    await (await threads.link()).append(*replies)
    page = await threads.page(ann, bob, limit=30)
    assert len(page["messages"]) == 30
    assert 10 < len(page["quoted"]) < 30
    assert len(codec.encode(page)) < MAX_PAGE_BYTES * 1.1


async def test_the_size_of_a_page_is_that_of_the_current_texts(
    threads: Service, ann: User, bob: User
) -> None:
    """Edited to be long, and deleted after having been long."""
    await threads.say(ann, bob, *["short"] * 60, *[LARGEST] * 60)
    link = await threads.link()
    await link.append(*(change(ann, bob, "edit", seq, text=LARGEST) for seq in range(1, 61)))
    await link.append(*(change(ann, bob, "delete", seq) for seq in range(61, 121)))
    page = await threads.page(ann, bob, before=61, limit=60)
    assert page["more"]
    assert len(page["messages"]) < 30
    assert len(codec.encode(page)) < MAX_PAGE_BYTES * 1.1
    page = await threads.page(ann, bob, after=60, limit=200)
    assert (len(page["messages"]), page["more"]) == (60, False)


async def test_changes_move_neither_the_order_of_the_inbox_nor_what_is_unread(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User, eve: User
) -> None:
    link = await threads.link()
    await threads.say(bob, ann, "from bob", "the last of bob")
    await threads.say(eve, ann, "from eve")
    order = "SELECT last_at, last_message, low_sent, high_sent, low_seen, high_seen FROM threads ORDER BY id"
    before = await sql.fetch(order)
    await link.append(
        change(bob, ann, "edit", 2, text="edited"), change(ann, bob, "reaction", 2, emoji="\U0001f44d")
    )
    [of_eve, of_bob], _ = await inbox(threads, ann)
    assert (of_eve["username"], of_eve["unread"], of_bob["head"], of_bob["unread"]) == ("eve", 1, 4, 2)
    last = of_bob["last_message"]
    assert (last["text"], last["version"], last["reactions"]) == (
        "edited", 4, [{"emoji": "\U0001f44d", "by": ["ann"]}],
    )  # fmt: skip
    await link.append(change(bob, ann, "delete", 2), change(bob, ann, "delete", 1))
    [_, of_bob], _ = await inbox(threads, ann)
    assert (of_bob["unread"], of_bob["last_message"]["seq"], "text" in of_bob["last_message"]) == (
        2,
        2,
        False,
    )
    assert await sql.fetch(order) == before
    for read, unread in ((1, 1), (2, 0), (6, 0)):
        await threads.as_user(ann, "PUT", "/api/threads/bob/read", {"seq": read})
        [_, of_bob], _ = await inbox(threads, ann)
        assert of_bob["unread"] == unread
    await link.append(item(bob, ann, "a reply", reply_to=2))
    [of_bob, _], _ = await inbox(threads, ann)
    assert (of_bob["username"], of_bob["unread"], of_bob["last_message"]["reply_to"]) == ("bob", 1, 2)


async def test_search_finds_the_text_of_today_within_two_seconds(
    threads: Service, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "the old harbour", "another harbour")
    await until_found(threads, bob, "harbour", count=2, within_s=2 * slowness())
    await threads.do(ann, bob, "edit", target=1, text="the new lighthouse")
    await until_found(threads, bob, "lighthouse", within_s=2 * slowness())
    assert await find(threads, bob, "harbour") == ["another harbour"]
    _, answer = await threads.as_user(bob, "GET", "/api/search", q="lighthouse")
    [hit] = answer["messages"]
    assert (hit["seq"], hit["version"], hit["text"], "edited_at" in hit) == (1, 3, "the new lighthouse", True)
    await threads.do(bob, ann, "reaction", target=1, emoji="\U0001f44d")
    await threads.do(ann, bob, "delete", target=1)
    assert await find(threads, bob, "lighthouse") == []
    await threads.say(ann, bob, "the last")
    await until_found(threads, bob, "last")
    assert await find(threads, ann, "lighthouse") == await find(threads, ann, "old") == []
    assert await find(threads, ann, "harbour") == ["another harbour"]


async def test_a_message_edited_before_it_was_indexed_is_found_by_its_last_text_alone(
    threads: Service, ann: User, bob: User
) -> None:
    """Also when the message and its edits come in one round, in batches of their own or in one."""
    link = await threads.link()
    await link.append(
        *(item(ann, bob, f"draft {number}") for number in range(1, 21)),
        *(change(ann, bob, "edit", seq, text=f"second {seq}") for seq in range(1, 21)),
    )
    for seq in range(1, 21):
        await link.append(change(ann, bob, "edit", seq, text=f"final {seq}"))
    await until_found(threads, bob, "final", count=20)
    assert await find(threads, bob, "draft") == await find(threads, bob, "second") == []


@pytest.mark.parametrize(
    ("seq", "status", "problem"),
    [
        ("9", 422, "ahead"), ("3", 422, "not-a-message"), ("4", 410, "gone"), ("0", 422, "invalid"),
        ("-1", 422, "invalid"), ("x", 422, "invalid"), ("9223372036854775807", 422, "ahead"),
        ("9223372036854775808", 422, "invalid"), ("1" * 99, 422, "invalid"), ("²", 422, "invalid"),
    ],
)  # fmt: skip
async def test_the_history_of_what_has_none_names_the_seq(
    threads: Service, ann: User, bob: User, seq: str, status: int, problem: str
) -> None:
    await (await threads.link()).append(
        item(ann, bob), item(ann, bob), item(ann, bob, "{}", kind="game.move"), item(ann, bob, "gone"),
        change(ann, bob, "edit", 4, text="going"), change(ann, bob, "delete", 4),
    )  # fmt: skip
    answer = await threads.as_user(bob, "GET", f"/api/threads/ann/messages/{seq}/history")
    assert (answer[0], answer[1]["code"], answer[1]["errors"][0]["pointer"]) == (status, problem, "{seq}")


async def test_the_history_of_a_message_holds_each_text_with_its_time(
    threads: Service, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "one", "other")
    path = "/api/threads/ann/messages/1/history"
    _, only = await threads.as_user(bob, "GET", path)
    assert [one["text"] for one in only["texts"]] == ["one"]
    times = [
        (await threads.do(ann, bob, "edit", target=1, text=text))[1]["sent_at"] for text in ("two", "one")
    ]
    await threads.do(ann, bob, "edit", target=2, text="other two")
    await threads.do(bob, ann, "reaction", target=1, emoji="\U0001f44d")
    status, answer = await threads.as_user(bob, "GET", path)
    assert (status, answer["texts"][0]) == (200, only["texts"][0])
    assert answer["texts"][1:] == [{"text": "two", "at": times[0]}, {"text": "one", "at": times[1]}]
    assert (await threads.as_user(ann, "GET", "/api/threads/nobody/messages/1/history"))[0] == 404
    assert (await threads.as_user(ann, "GET", "/api/threads/ann/messages/1/history"))[0] == 404


@pytest.fixture
async def days(threads: Service, sql: asyncpg.Connection, ann: User, bob: User) -> Service:
    """Nine events: three a day at 6, 12 and 18 UTC from the first to the third of March; seq 5 is no message."""
    link = await threads.link()
    appended = await link.append(
        *(
            item(ann, bob, "{}", kind="game.move") if seq == 5 else item(ann, bob, str(seq))
            for seq in range(1, 10)
        )
    )
    assert [delivered(one).seq for one in appended] == list(range(1, 10))
    at = datetime(2026, 3, 1, 6, tzinfo=UTC)
    for seq in range(1, 10):
        days, part = divmod(seq - 1, 3)
        sent = at + timedelta(days=days, hours=6 * part)
        await sql.execute("UPDATE events SET created_at = $1 WHERE seq = $2", sent, seq)
    return threads


@pytest.mark.parametrize(
    ("at", "seqs"),
    [
        ("2026-03-01", [1, 2, 3, 4, 6, 7, 8, 9]),
        ("2026-02-28", [1, 2, 3, 4, 6, 7, 8, 9]),
        ("0001-01-01", [1, 2, 3, 4, 6, 7, 8, 9]),
        ("2026-03-02", [4, 6, 7, 8, 9]),
        ("2026-03-03", [7, 8, 9]),
        ("2026-03-04", []),
        ("9999-12-31", []),
        ("2026-03-01T12:00:00Z", [2, 3, 4, 6, 7, 8, 9]),
        ("2026-03-01T12:00:00.000001Z", [3, 4, 6, 7, 8, 9]),
        ("2026-03-01t12:00:00z", [2, 3, 4, 6, 7, 8, 9]),
        ("2026-03-02T12:00:00Z", [6, 7, 8, 9]),
        ("2026-03-03T02:00:00+14:00", [6, 7, 8, 9]),
        ("2026-03-02T18:00:00-00:30", [7, 8, 9]),
    ],
)
async def test_a_page_begins_at_the_first_message_from_a_moment_on(
    days: Service, ann: User, bob: User, at: str, seqs: list[int]
) -> None:
    page = await days.page(ann, bob, at=at)
    assert ([one["seq"] for one in page["messages"]], page["more"]) == (seqs, False)
    page = await days.page(ann, bob, at=at, limit=2)
    assert ([one["seq"] for one in page["messages"]], page["more"]) == (seqs[:2], len(seqs) > 2)


@pytest.mark.parametrize(
    "query",
    [
        {"at": at}
        for at in (
            "", "yesterday", "2026", "2026-03", "20260301", "2026-13-01", "2026-02-30", "2026-3-1", "0000-01-01",
            "2026-03-01T12:00:00", "2026-03-01T12:00", "2026-03-01T24:00:00Z", "2026-03-01T12:00:00+25:00",
            "2026-03-01T12:00:00 02:00", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2026-W10-1",
            "１２３４-03-01", "1772323200", "2026-03-01\n", "x" * 65,
        )
    ] + [{"at": "2026-03-01", other: 1} for other in ("before", "after", "around")],
)  # fmt: skip
async def test_what_is_no_moment_or_goes_with_another_anchor_is_refused(
    threads: Service, ann: User, bob: User, query: dict[str, Any]
) -> None:
    status, problem = await threads.as_user(ann, "GET", "/api/threads/bob/messages", **query)
    assert (status, problem["errors"][0]["pointer"]) == (422, "?at")


async def test_a_moment_in_a_thread_that_nobody_has_begun(threads: Service, ann: User, bob: User) -> None:
    nothing = codec.decode(codec.encode(Messages([], 0, 0, more=False)), dict)
    assert await threads.page(ann, bob, at="2026-03-01") == nothing
    assert MessagesQuery().at is None


async def test_after_the_clock_was_set_back_a_page_still_begins_where_time_passes_the_moment(
    days: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    """Before its first message stands an earlier one, and it is not earlier itself."""
    await sql.execute("UPDATE events SET kind = 'message' WHERE seq = 5")
    await sql.execute("UPDATE events SET created_at = created_at - interval '30 hours' WHERE seq > 5")
    times = dict(await sql.fetch("SELECT seq, created_at FROM events"))
    for hours in range(0, 80, 3):
        at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hours)
        found = [one["seq"] for one in (await days.page(ann, bob, at=at.isoformat()))["messages"]]
        assert all(times[seq] >= at for seq in found[:1])
        assert found[:1] == [1] or times[found[0] - 1 if found else 9] < at
