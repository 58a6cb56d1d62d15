"""Pages of messages in both directions, around a seq, and the log itself."""

from typing import Any
from uuid import UUID

import pytest

from services.threads.frames import Event
from services.threads.pages import window
from services.threads.tests.driver import Service, User, item
from shared.wire.ids import uuid7
from shared.wire.log_calls import Deliveries, DeliveriesAfter

MAX = 2**63 - 1


@pytest.fixture
async def ten(threads: Service, ann: User, bob: User) -> Service:
    """Ten events between ann and bob: seq 5 is of another kind, the others are messages that say their seq."""
    link = await threads.link()
    await link.append(
        *(
            item(ann, bob, "{}", kind="game.move")
            if seq == 5
            else item((ann, bob)[seq % 2], (bob, ann)[seq % 2], str(seq))
            for seq in range(1, 11)
        )
    )
    return threads


async def page(threads: Service, user: User, peer: str, **query: Any) -> list[int]:
    """The seqs of a page, whose messages say the same."""
    status, answer = await threads.as_user(user, "GET", f"/api/threads/{peer}/messages", **query)
    assert status == 200, answer
    assert answer["head"] == 10
    assert [message["text"] for message in answer["messages"]] == [
        str(message["seq"]) for message in answer["messages"]
    ]
    return [message["seq"] for message in answer["messages"]]


@pytest.mark.parametrize(
    ("query", "seqs"),
    [
        ({}, [1, 2, 3, 4, 6, 7, 8, 9, 10]),
        ({"limit": 2}, [9, 10]),
        ({"before": 9, "limit": 3}, [6, 7, 8]),
        ({"before": 7, "limit": 3}, [3, 4, 6]),
        ({"before": 2}, [1]),
        ({"before": 1}, []),
        ({"before": 0}, []),
        ({"before": MAX, "limit": 1}, [10]),
        ({"after": 0, "limit": 2}, [1, 2]),
        ({"after": 3, "limit": 3}, [4, 6, 7]),
        ({"after": 9}, [10]),
        ({"after": 10}, []),
        ({"after": MAX}, []),
        ({"around": 7, "limit": 3}, [6, 7, 8]),
        ({"around": 7, "limit": 4}, [4, 6, 7, 8]),
        ({"around": 5, "limit": 4}, [3, 4, 6, 7]),
        ({"around": 7, "limit": 1}, [7]),
        ({"around": 1, "limit": 3}, [1, 2, 3]),
        ({"around": 10, "limit": 3}, [8, 9, 10]),
        ({"around": 0, "limit": 2}, [1, 2]),
        ({"around": MAX, "limit": 2}, [9, 10]),
        ({"around": 7, "limit": 200}, [1, 2, 3, 4, 6, 7, 8, 9, 10]),
    ],
)
async def test_a_page_holds_what_its_anchor_says(
    ten: Service, ann: User, query: dict[str, int], seqs: list[int]
) -> None:
    assert await page(ten, ann, "bob", **query) == seqs


async def test_both_members_read_the_same_under_the_others_name(ten: Service, ann: User, bob: User) -> None:
    _, for_ann = await ten.as_user(ann, "GET", "/api/threads/bob/messages", limit=1)
    _, for_bob = await ten.as_user(bob, "GET", "/api/threads/ANN/messages", limit=1)
    assert (for_ann["messages"][0].pop("thread"), for_bob["messages"][0].pop("thread")) == ("bob", "ann")
    assert for_ann == for_bob


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"before": 1, "after": 1}, "?after"),
        ({"before": 1, "around": 1}, "?around"),
        ({"after": -1}, "?after"),
        ({"before": "x"}, "?before"),
        ({"before": 2**63}, "?before"),
        ({"limit": 0}, "?limit"),
        ({"limit": 201}, "?limit"),
        ({"page": 1}, "?page"),
    ],
)
async def test_a_query_that_makes_no_sense_names_what_is_wrong(
    ten: Service, ann: User, query: dict[str, Any], pointer: str
) -> None:
    status, problem = await ten.as_user(ann, "GET", "/api/threads/bob/messages", **query)
    assert (status, problem["errors"][0]["pointer"]) == (422, pointer)


async def test_where_nobody_has_written_there_is_nothing_at_head_0(
    threads: Service, ann: User, bob: User
) -> None:
    for query in ({}, {"before": 5}, {"after": 0}, {"around": 3}):
        answer = await threads.as_user(ann, "GET", "/api/threads/bob/messages", **query)
        assert answer == (200, {"messages": [], "head": 0, "read": 0, "more": False, "quoted": []})
    assert await threads.as_user(ann, "GET", "/api/threads/bob/events") == (200, {"events": [], "head": 0})


@pytest.mark.parametrize("path", ["messages", "events"])
@pytest.mark.parametrize("name", ["ann", "ANN", "nobody", "not a name", "%00", "x" * 300])
async def test_unknown_names_and_ones_own_are_not_found(
    threads: Service, ann: User, path: str, name: str
) -> None:
    status, problem = await threads.as_user(ann, "GET", f"/api/threads/{name}/{path}")
    assert (status, problem["code"]) == (404, "not-found")


async def test_a_stranger_reads_nothing(ten: Service, ann: User, bob: User, eve: User) -> None:
    for peer in ("ann", "bob"):
        assert await ten.as_user(eve, "GET", f"/api/threads/{peer}/messages") == (
            200,
            {"messages": [], "head": 0, "read": 0, "more": False, "quoted": []},
        )
        assert await ten.as_user(eve, "GET", f"/api/threads/{peer}/events") == (
            200,
            {"events": [], "head": 0},
        )
    assert await ten.as_user(eve, "GET", "/api/threads") == (200, {"threads": [], "next": None})


async def test_the_log_holds_every_kind_as_the_frames_of_the_socket(ten: Service, bob: User) -> None:
    status, answer = await ten.as_user(bob, "GET", "/api/threads/ann/events", after=3, limit=3)
    fourth, fifth, sixth = answer["events"]
    assert (status, answer["head"]) == (200, 10)
    assert (fourth["type"], fourth["seq"], fourth["text"]) == ("message", 4, "4")
    assert (fifth["type"], fifth["kind"], fifth["seq"], fifth["body"]) == ("event", "game.move", 5, {})
    assert (sixth["type"], sixth["thread"]) == ("message", "ann")


async def test_deliveries_follow_the_log_without_a_gap(ten: Service, ann: User, bob: User) -> None:
    [resolved] = (
        await ten.call(
            "POST",
            "/internal/resolve",
            {"user": ann.id, "peers": ["bob"]},
            headers=ten.tokens.program("relay"),
        )
    )[1]["threads"]
    first = await ten.as_relay("/internal/deliveries", DeliveriesAfter(resolved[2], 0, 6), Deliveries)
    rest = await ten.as_relay("/internal/deliveries", DeliveriesAfter(resolved[2], 6), Deliveries)
    assert [one.seq for one in first.deliveries] == [1, 2, 3, 4, 5, 6]
    assert [one.seq for one in rest.deliveries] == [7, 8, 9, 10]
    assert (first.head, rest.head) == (10, 10)
    assert {(one.low, one.high) for one in first.deliveries} == {(ann.id, bob.id)}


@pytest.mark.usefixtures("one_server")
async def test_deliveries_know_their_people_after_a_restart(ten: Service, start: Any) -> None:
    again: Service = await start()
    found = await again.as_relay("/internal/deliveries", DeliveriesAfter(1, 9), Deliveries)
    assert b'"thread":"bob"' in bytes(found.deliveries[0].for_low)


async def test_deliveries_of_no_thread_are_not_found(threads: Service) -> None:
    body = DeliveriesAfter(99, 0)
    status, _ = await threads.call(
        "POST", "/internal/deliveries", body, headers=threads.tokens.program("relay")
    )
    assert status == 404


def test_the_window_is_full_wherever_there_is_enough() -> None:
    events = [Event(seq, "message", 1, UUID(int=seq), "", None) for seq in range(1, 21)]  # type: ignore[arg-type]
    for around in range(22):
        for limit in range(1, 12):
            older = [one for one in events if one.seq < around][-limit:]
            newer = [one for one in events if one.seq >= around][:limit]
            found = [one.seq for one in window([*older, *newer], around, limit)]
            assert len(found) == limit
            assert not 1 <= around <= 20 or around in found


async def test_a_message_over_http_is_created_once(threads: Service, ann: User, bob: User) -> None:
    body = {"client_id": str(uuid7()), "text": "  e\u0301 "}
    status, first = await threads.as_user(ann, "POST", "/api/threads/Bob/messages", body)
    again = await threads.as_user(ann, "POST", "/api/threads/bob/messages", body)
    assert (status, first["seq"], first["thread"], first["sender"]) == (201, 1, "bob", "ann")
    assert first["text"] == "  \u00e9 "
    assert again == (200, first)


@pytest.mark.parametrize(
    ("peer", "change", "status", "pointer"),
    [
        ("ann", {}, 422, "{username}"),
        ("nobody", {}, 404, "{username}"),
        ("bob", {"text": " \n"}, 422, "/text"),
        ("bob", {"text": "x" * 4001}, 422, "/text"),
        ("bob", {"text": "a\x00"}, 422, "/text"),
        ("bob", {"client_id": "7"}, 422, "/client_id"),
        ("bob", {"text": None}, 422, "/text"),
        ("bob", {"extra": 1}, 422, "/extra"),
    ],
)
async def test_what_cannot_be_sent_over_http_names_its_field(
    threads: Service, ann: User, bob: User, peer: str, change: dict[str, Any], status: int, pointer: str
) -> None:
    body = {"client_id": str(uuid7()), "text": "hi", **change}
    answer = await threads.as_user(ann, "POST", f"/api/threads/{peer}/messages", body)
    assert (answer[0], answer[1]["errors"][0]["pointer"]) == (status, pointer)


async def test_another_text_for_the_same_client_id_is_a_conflict_over_http(
    threads: Service, ann: User, bob: User
) -> None:
    used = str(uuid7())
    await threads.as_user(ann, "POST", "/api/threads/bob/messages", {"client_id": used, "text": "one"})
    status, problem = await threads.as_user(
        ann, "POST", "/api/threads/bob/messages", {"client_id": used, "text": "two"}
    )
    assert (status, problem["code"]) == (409, "conflict")


async def test_a_page_says_how_far_the_asker_has_read(ten: Service, ann: User, bob: User) -> None:
    await ten.as_user(ann, "PUT", "/api/threads/bob/read", {"seq": 7})
    for user, peer, read in ((ann, "bob", 7), (bob, "ann", 0)):
        for query in ({}, {"before": 5}, {"after": 9}, {"around": 3}):
            _, answer = await ten.as_user(user, "GET", f"/api/threads/{peer}/messages", **query)
            assert answer["read"] == read
