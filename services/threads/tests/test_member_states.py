"""What one person keeps about a thread: stored, told to their sockets, and shown to nobody else."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.threads import member_states
from services.threads.tests.driver import Service, User, item
from services.threads.tests.fake_auth import FakeAuth
from services.threads.tests.test_deleting import SECRET, dump
from services.threads.tests.test_hints import cache, entries, hold
from services.threads.tests.test_inbox import inbox
from services.threads.tests.test_search import find, until_found
from shared.plumbing.redis.client import Redis
from shared.wire import codec
from shared.wire.frames import ReadFrame, StateFrame
from shared.wire.link import ReadBatch, ReadDone, ReadMark
from shared.wire.log import Notice
from shared.wire.log_calls import HeadsAnswer, HeadsOf
from shared.wire.member_state import Draft, MemberState

__all__ = ["cache"]

_TOMORROW = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)


async def keep(threads: Service, user: User, peer: User | str, **changes: Any) -> tuple[int, Any]:
    name = peer if isinstance(peer, str) else peer.name
    return await threads.as_user(user, "PATCH", f"/api/threads/{name}/state", changes)


async def kept(threads: Service, user: User, peer: User) -> Any:
    status, answer = await threads.as_user(user, "GET", f"/api/threads/{peer.name}/state")
    assert status == 200, answer
    return answer


async def read(threads: Service, user: User, peer: User, seq: int) -> None:
    path = f"/api/threads/{peer.name}/read"
    assert await threads.as_user(user, "PUT", path, {"seq": seq}) == (204, None)


async def test_what_is_left_out_stays_and_null_takes_away(threads: Service, ann: User, bob: User) -> None:
    """With somebody to whom nobody has written, too."""
    assert await kept(threads, ann, bob) == {"revision": 0}
    until = _TOMORROW.isoformat().replace("+00:00", "Z")
    steps: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"draft": {"text": " hi", "reply_to": 3}}, {"draft": {"text": " hi", "reply_to": 3}}),
        ({"draft": {"text": "hi "}}, {"draft": {"text": "hi "}}),
        ({"muted_until": until, "archived": "always"}, {"muted_until": until, "archived": "always"}),
        (
            {"muted_until": "forever", "marked_unread": True},
            {"muted_until": "forever", "marked_unread": True},
        ),
        ({"archived": "until-new"}, {"archived": "until-new", "archived_through": 0}),
    ]
    expected: dict[str, Any] = {}
    for revision, (changes, fields) in enumerate(steps, start=1):
        expected |= {**fields, "revision": revision}
        assert await keep(threads, ann, bob, **changes) == (200, expected)
        assert await kept(threads, ann, bob) == expected
    gone = {"draft": None, "muted_until": None, "archived": None, "marked_unread": False}
    assert await keep(threads, ann, bob, **gone) == (200, {"revision": 6})
    assert await kept(threads, bob, ann) == {"revision": 0}


async def test_the_revision_grows_only_with_what_is_another_state(
    threads: Service, ann: User, bob: User
) -> None:
    await keep(threads, ann, bob, draft={"text": "a"}, archived="until-new")
    for changes in (
        {"draft": {"text": "a"}},
        {"archived": "until-new"},
        {"marked_unread": False},
        {"muted_until": None},
        {"muted_until": "2020-01-01T00:00:00Z"},
    ):
        status, state = await keep(threads, ann, bob, **changes)
        assert (status, state["revision"]) == (200, 1), changes
    assert (await keep(threads, ann, bob, draft={"text": " \u200b\n"}))[1] == {
        "revision": 2,
        "archived": "until-new",
        "archived_through": 0,
    }


async def test_a_change_to_another_revision_does_nothing_but_its_repetition_is_answered(
    threads: Service, ann: User, bob: User
) -> None:
    asked = {"draft": {"text": "a"}, "revision": 0}
    assert (await keep(threads, ann, bob, **asked))[0] == 200
    assert await keep(threads, ann, bob, **asked) == (200, {"revision": 1, "draft": {"text": "a"}})
    for revision in (0, 2):
        status, problem = await keep(threads, ann, bob, draft={"text": "b"}, revision=revision)
        assert (status, problem["code"]) == (409, "stale")
    assert (await kept(threads, ann, bob))["draft"] == {"text": "a"}
    assert (await keep(threads, ann, bob, draft={"text": "b"}, revision=1))[1]["revision"] == 2


async def test_changes_from_many_devices_at_once_have_one_revision_each(
    threads: Service, ann: User, bob: User
) -> None:
    texts = [f"draft {number}" for number in range(20)]
    answers = await asyncio.gather(*(keep(threads, ann, bob, draft={"text": text}) for text in texts))
    by_revision = {state["revision"]: state["draft"]["text"] for _, state in answers}
    assert sorted(by_revision) == list(range(1, 21))
    assert (await kept(threads, ann, bob)) == {"revision": 20, "draft": {"text": by_revision[20]}}


@pytest.mark.parametrize(
    ("peer", "changes", "status", "pointer"),
    [
        ("bob", {}, 422, ""),
        ("bob", {"revision": 0}, 422, ""),
        ("bob", {"pinned": True}, 422, "/pinned"),
        ("bob", {"draft": {"text": "x", "html": "x"}}, 422, "/draft/html"),
        ("bob", {"draft": {"text": "a\x00"}}, 422, "/draft/text"),
        ("bob", {"draft": {"text": "e" + "\u0301" * 31}}, 422, "/draft/text"),
        ("bob", {"draft": {"text": "x" * 4001}}, 422, "/draft/text"),
        ("bob", {"draft": {"text": "x", "reply_to": 0}}, 422, "/draft/reply_to"),
        ("bob", {"muted_until": "tomorrow"}, 422, "/muted_until"),
        ("bob", {"muted_until": "2030-01-01T00:00:00"}, 422, "/muted_until"),
        ("bob", {"archived": "sometimes"}, 422, "/archived"),
        ("bob", {"marked_unread": None}, 422, "/marked_unread"),
        ("ann", {"marked_unread": True}, 404, None),
        ("nobody", {"marked_unread": True}, 404, None),
    ],
)
async def test_a_change_that_cannot_be_is_refused_and_its_field_named(
    threads: Service,
    ann: User,
    bob: User,
    peer: str,
    changes: dict[str, Any],
    status: int,
    pointer: str | None,
) -> None:
    refused, problem = await keep(threads, ann, peer, **changes)
    assert refused == status, problem
    if pointer is not None:
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert await kept(threads, ann, bob) == {"revision": 0}


async def test_half_a_surrogate_pair_is_named_where_it_stands(threads: Service, ann: User, bob: User) -> None:
    headers = {**threads.tokens.user(ann.id, ann.name), "Content-Type": "application/json"}
    body = b'{"draft":{"text":"\\ud800"}}'
    async with threads.client.patch("/api/threads/bob/state", data=body, headers=headers) as response:
        problem = await response.json()
    assert (response.status, problem["errors"][0]["pointer"]) == (422, "/draft/text")


async def test_a_draft_keeps_the_letters_as_they_were_typed(threads: Service, ann: User, bob: User) -> None:
    for text in ("e\u0301" * 4000, "\u1100\u1161 ", "\n x"):
        assert (await keep(threads, ann, bob, draft={"text": text}))[1]["draft"] == {"text": text}


async def test_muting_ends_at_its_time_and_forever_does_not(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    for asked, told in (
        ("2999-01-01T02:00:00+02:00", "2999-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "forever"),
        ("forever", "forever"),
    ):
        _, state = await keep(threads, ann, bob, muted_until=asked)
        assert state["muted_until"] == told
    await keep(threads, ann, bob, muted_until="2999-01-01T00:00:00Z")
    await sql.execute("UPDATE member_states SET muted_until = now()")
    assert await kept(threads, ann, bob) == {"revision": 3}


async def test_a_thread_is_archived_until_the_next_message_of_either(
    threads: Service, ann: User, bob: User
) -> None:
    """No edit, reaction or game brings it back; `always` nothing."""
    for writer in (ann, bob):
        await threads.say(ann, bob, "before")
        await keep(threads, ann, bob, archived="until-new")
        await threads.do(ann, bob, "edit", target=1, text="edited")
        await threads.do(bob, ann, "reaction", target=1, emoji=None if writer is bob else "👍")
        await (await threads.link()).append(item(bob, ann, "{}", kind="game.move"))
        assert (await kept(threads, ann, bob))["archived"] == "until-new"
        await threads.say(writer, bob if writer is ann else ann, "new")
        assert "archived" not in await kept(threads, ann, bob)
    _, state = await keep(threads, ann, bob, archived="until-new")
    assert state == {"revision": 3, "archived": "until-new", "archived_through": 10}
    await keep(threads, ann, bob, archived="always")
    await threads.say(bob, ann, "newer")
    assert await kept(threads, ann, bob) == {"revision": 4, "archived": "always"}
    assert (await keep(threads, ann, bob, archived=None)) == (200, {"revision": 5})


async def test_the_inbox_shows_what_is_kept_and_can_be_asked_for_what_is_archived(
    threads: Service, auth: FakeAuth, ann: User, bob: User
) -> None:
    # Ann's id is between the others', so that she is the low member of some threads and the high one of others.
    others = [User(number, f"user{number}") for number in (*range(1, 7), *range(101, 107))]
    for other in others:
        auth.add(other.id, other.name)
        await threads.say(other, ann, "hi")
    archived = others[::3]
    for number, other in enumerate(archived):
        await keep(threads, ann, other, archived="always" if number % 2 else "until-new")
        await keep(threads, other, ann, archived="always")  # which is no concern of ann's
    await keep(threads, ann, others[1], draft={"text": "to be"}, archived="until-new")
    await threads.say(others[1], ann, "brought back")
    await keep(threads, ann, bob, archived="always")  # no thread, so in no list
    every, _ = await inbox(threads, ann)
    states = {one["username"]: one.get("state") for one in every}
    assert states[others[1].name] == {"revision": 1, "draft": {"text": "to be"}}
    assert states[others[2].name] is None
    for wanted in ("true", "false"):
        is_wanted = {other.name: (other in archived) is (wanted == "true") for other in others}
        expected = [one for one in every if is_wanted[one["username"]]]
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            more = {"cursor": cursor} if cursor else {}
            page, cursor = await inbox(threads, ann, limit=2, archived=wanted, **more)
            found += page
        assert found == expected
    status, problem = await threads.as_user(ann, "GET", "/api/threads", archived="1")
    assert (status, problem["errors"][0]["pointer"]) == (422, "?archived")


async def test_a_page_of_the_inbox_ends_where_its_drafts_fill_it(
    threads: Service, auth: FakeAuth, ann: User
) -> None:
    others = [User(1000 + number, f"user{number}") for number in range(40)]
    for other in others:
        auth.add(other.id, other.name)
    await (await threads.link()).append(*(item(other, ann) for other in others))
    for other in others:
        await keep(threads, ann, other, draft={"text": "𝔞" * 4000})  # 16 KB
    page, cursor = await inbox(threads, ann, limit=200)
    assert (len(page), cursor is None) == (32, False)
    answer = await threads.as_relay("/internal/heads", HeadsOf([ann.id]), HeadsAnswer)
    told = [latest.state is not None for latest in answer.users[0].latest]
    assert told == [True] * 32 + [False] * 8


async def test_relays_are_told_what_each_keeps_for_the_welcome(
    threads: Service, ann: User, bob: User, eve: User
) -> None:
    await threads.say(bob, ann, "1", "2")
    await threads.say(eve, ann, "1")
    await keep(threads, ann, bob, archived="until-new", draft={"text": "d", "reply_to": 2})
    await keep(threads, ann, eve, archived="until-new")
    await threads.say(eve, ann, "2")
    asked = HeadsOf([ann.id, bob.id, eve.id])
    of_ann, of_bob, of_eve = (await threads.as_relay("/internal/heads", asked, HeadsAnswer)).users
    assert [one.state for one in of_ann.latest] == [
        MemberState(1),
        MemberState(1, draft=Draft("d", 2), archived="until-new", archived_through=2),
    ]
    assert [one.state for one in (*of_bob.latest, *of_eve.latest)] == [None, None]


async def test_what_is_marked_unread_ends_when_its_owner_reads_anywhere(
    threads: Service, ann: User, bob: User
) -> None:
    """Even if that moves nothing; not by a read that is overtaken, nor by the peer's, nor by what a device holds."""
    await threads.say(bob, ann, "1", "2", "3")
    await keep(threads, ann, bob, marked_unread=True)
    await threads.as_user(ann, "PUT", "/api/threads/bob/delivered", {"seq": 3})
    assert await kept(threads, ann, bob) == {"revision": 1, "marked_unread": True}
    await read(threads, ann, bob, 2)
    _, state = await keep(threads, ann, bob, marked_unread=True, archived="always")
    assert state == {"revision": 3, "marked_unread": True, "archived": "always"}
    await read(threads, ann, bob, 1)
    await read(threads, bob, ann, 3)
    assert (await kept(threads, ann, bob))["marked_unread"] is True
    await read(threads, ann, bob, 2)
    assert await kept(threads, ann, bob) == {"revision": 4, "archived": "always"}
    await keep(threads, ann, bob, marked_unread=True)
    await read(threads, ann, bob, 2**63 - 1)
    assert await kept(threads, ann, bob) == {"revision": 6, "archived": "always"}
    [listed], _ = await inbox(threads, ann)
    assert (listed["unread"], listed["read"]) == (0, 3)


async def test_a_mark_on_a_thread_without_messages_ends_by_reading_nothing(
    threads: Service, ann: User, bob: User
) -> None:
    await keep(threads, ann, bob, marked_unread=True)
    await keep(threads, bob, ann, marked_unread=True)
    await read(threads, ann, bob, 0)
    assert await kept(threads, ann, bob) == {"revision": 2}
    assert await kept(threads, bob, ann) == {"revision": 1, "marked_unread": True}


async def test_a_change_is_told_to_its_owner_wherever_they_are_and_to_nobody_else(
    threads: Service, cache: Redis, ann: User, bob: User
) -> None:
    await hold(cache, "relay-1", ann)
    await hold(cache, "relay-2", ann, bob)
    await keep(threads, ann, bob, draft={"text": "secret"})
    await keep(threads, ann, bob, draft={"text": "secret"})
    await keep(threads, ann, bob, marked_unread=True)
    for node in ("relay-1", "relay-2"):
        told: list[Notice] = []
        while len(told) < 2:
            told = [notice for entry in await entries(cache, node) for notice in entry.notices]
        assert {notice.user for notice in told} == {ann.id}
        assert [codec.decode(bytes(notice.frame), StateFrame) for notice in told] == [
            StateFrame("bob", MemberState(1, Draft("secret"))),
            StateFrame("bob", MemberState(2, Draft("secret"), marked_unread=True)),
        ]


async def test_the_end_of_a_mark_is_told_with_the_read_that_ended_it(
    threads: Service, ann: User, bob: User, eve: User
) -> None:
    await threads.say(bob, ann, "1")
    await threads.say(eve, ann, "1")
    for owner, peer in ((ann, bob), (bob, ann), (ann, eve)):
        await keep(threads, owner, peer, marked_unread=True)
    link = await threads.link("relay-1")
    marks = [
        ReadMark(ann.id, "ann", "bob", 1),
        ReadMark(bob.id, "bob", "ann", 1),
        ReadMark(ann.id, "ann", "eve", 0),
    ]
    link.say(ReadBatch(1, "relay-1", marks))
    notices = (await link.receive(ReadDone)).notices
    states = sorted(
        (notice.user, codec.decode(bytes(notice.frame), StateFrame).thread)
        for notice in notices
        if b'"type":"state"' in bytes(notice.frame)
    )
    assert states == [(ann.id, "bob"), (ann.id, "eve"), (bob.id, "ann")]
    assert len(notices) == len(states) + 4  # and two positions rose, told to both
    link.say(ReadBatch(2, "relay-1", marks))
    assert (await link.receive(ReadDone)).notices == []


async def test_states_of_threads_that_are_not_there_are_a_thousand_at_most(
    threads: Service, auth: FakeAuth, ann: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of threads cost nothing of it, and those of threads that begin make room."""
    monkeypatch.setattr(member_states, "MAX_THREADLESS", 2)
    others = [User(1000 + number, f"user{number}") for number in range(4)]
    for other in others:
        auth.add(other.id, other.name)
    await threads.say(ann, bob, "hi")
    for peer in (bob, others[0], others[1]):
        assert (await keep(threads, ann, peer, draft={"text": "x"}))[0] == 200
    status, problem = await keep(threads, ann, others[2], draft={"text": "x"})
    assert (status, problem["code"]) == (403, "over-quota")
    assert await kept(threads, ann, others[2]) == {"revision": 0}
    assert (await keep(threads, ann, others[0], draft=None))[0] == 200
    await threads.say(others[1], ann, "hi")
    assert (await keep(threads, ann, others[2], draft={"text": "x"}))[0] == 200
    assert (await keep(threads, ann, others[3], draft={"text": "x"}))[0] == 403
    assert (await keep(threads, bob, others[3], draft={"text": "x"}))[0] == 200


async def test_a_read_that_ends_nothing_tells_only_of_the_position(
    threads: Service, ann: User, bob: User
) -> None:
    await threads.say(bob, ann, "1")
    await keep(threads, ann, bob, draft={"text": "x"})
    link = await threads.link()
    link.say(ReadBatch(1, "relay-1", [ReadMark(ann.id, "ann", "bob", 1)]))
    told = [codec.decode(bytes(one.frame), ReadFrame) for one in (await link.receive(ReadDone)).notices]
    assert [(one.thread, one.seq, one.by) for one in told] == [("bob", 1, "ann"), ("ann", 1, "ann")]


async def test_a_draft_lies_in_its_own_row_alone_and_no_longer_than_it_is_kept(
    threads: Service, sql: asyncpg.Connection, auth: FakeAuth, ann: User, bob: User
) -> None:
    """Not in the log, the search or PostgreSQL's samples, whatever was done with it."""
    for number in range(20):
        auth.add(1000 + number, f"user{number}")
        await keep(threads, ann, f"user{number}", draft={"text": f"{SECRET} {number % 2}"})
    await threads.say(ann, bob, "findable")
    await keep(threads, ann, bob, draft={"text": f"{SECRET} for bob", "reply_to": 1}, marked_unread=True)
    await read(threads, ann, bob, 1)
    await until_found(threads, ann, "findable", count=1, within_s=5)
    assert await find(threads, ann, SECRET) == []
    await sql.execute("ANALYZE")
    rows = [line for line in (await dump(sql)).splitlines() if SECRET in line]
    assert len(rows) == 21, rows
    assert all(line.startswith(f"({ann.id},") for line in rows), rows
    await keep(threads, ann, bob, draft=None)
    for number in range(20):
        await keep(threads, ann, f"user{number}", draft={"text": " "})
    assert SECRET not in await dump(sql)
