"""Edits, deletions, reactions and replies: who may do what, and that each is done once."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest
from msgspec import structs

from services.threads.tests.driver import Service, Start, User, change, code, delivered, frames, item
from shared.wire.changes import MAX_EDITS
from shared.wire.ids import uuid7
from shared.wire.link import AppendResult
from shared.wire.messages import EventFrame, MessageFrame

MESSAGES = "/api/threads/bob/messages"
EVENTS = "/api/threads/bob/events"


async def shown(threads: Service, user: User, peer: User, seq: int) -> Any:
    [message] = [one for one in (await threads.page(user, peer))["messages"] if one["seq"] == seq]
    return message


async def test_each_change_comes_back_as_an_event_and_shows_in_the_message(
    threads: Service, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "helo")
    status, event = await threads.do(ann, bob, "edit", target=1, text="hello")
    assert (status, event["type"], event["kind"], event["seq"]) == (201, "event", "edit", 2)
    assert (event["thread"], event["sender"], event["body"]) == ("bob", "ann", {"target": 1, "text": "hello"})
    message = await shown(threads, bob, ann, 1)
    assert (message["text"], message["version"], message["edited_at"]) == ("hello", 2, event["sent_at"])
    assert not message.keys() & {"reactions", "deleted_at", "reply_to"}
    await threads.do(bob, ann, "reaction", target=1, emoji="\u2764")
    message = await shown(threads, ann, bob, 1)
    assert (message["text"], message["version"]) == ("hello", 3)
    assert message["reactions"] == [{"emoji": "\u2764\ufe0f", "by": ["bob"]}]
    status, event = await threads.do(ann, bob, "delete", target=1)
    assert (status, event["body"]) == (201, {"target": 1})
    message = await shown(threads, bob, ann, 1)
    assert (message["version"], message["deleted_at"]) == (4, event["sent_at"])
    assert not message.keys() & {"text", "reactions"}


async def test_two_members_react_with_one_emoji_each_which_they_may_replace_and_take_back(
    threads: Service, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "news")
    for user, peer, emoji, expected in (
        (ann, bob, "\U0001f44d", [("\U0001f44d", ["ann"])]),
        (bob, ann, "\U0001f44d", [("\U0001f44d", ["ann", "bob"])]),
        (bob, ann, "\U0001f389", [("\U0001f44d", ["ann"]), ("\U0001f389", ["bob"])]),
        (ann, bob, None, [("\U0001f389", ["bob"])]),
        (ann, bob, None, [("\U0001f389", ["bob"])]),
        (bob, ann, None, []),
    ):
        assert (await threads.do(user, peer, "reaction", target=1, emoji=emoji))[0] == 201
        reactions = (await shown(threads, ann, bob, 1)).get("reactions", [])
        assert [(one["emoji"], one["by"]) for one in reactions] == expected
    assert (await shown(threads, ann, bob, 1))["version"] == 7


@pytest.mark.parametrize(
    ("kind", "body", "problem"),
    [
        ("edit", {"target": 99, "text": "x"}, (422, "ahead", "/body/target")),
        ("delete", {"target": 2**63 - 1}, (422, "ahead", "/body/target")),
        ("reaction", {"target": 99, "emoji": "\U0001f44d"}, (422, "ahead", "/body/target")),
        ("edit", {"target": 3, "text": "x"}, (422, "not-a-message", "/body/target")),
        ("delete", {"target": 3}, (422, "not-a-message", "/body/target")),
        ("reaction", {"target": 3, "emoji": None}, (422, "not-a-message", "/body/target")),
        ("edit", {"target": 2, "text": "x"}, (403, "not-yours", "/body/target")),
        ("delete", {"target": 2}, (403, "not-yours", "/body/target")),
        ("edit", {"target": 4, "text": "x"}, (410, "gone", "/body/target")),
        ("delete", {"target": 4}, (410, "gone", "/body/target")),
        ("reaction", {"target": 4, "emoji": "\U0001f44d"}, (410, "gone", "/body/target")),
        ("edit", {"target": 1, "text": " \n"}, (422, "invalid", "/body/text")),
        ("edit", {"target": 1, "text": "x" * 4001}, (422, "invalid", "/body/text")),
        ("edit", {"target": 1, "text": "a\x00"}, (422, "invalid", "/body/text")),
        ("edit", {"target": 1, "text": 7}, (422, "invalid", "/body/text")),
        ("edit", {"target": 1}, (422, "invalid", "/body/text")),
        ("edit", {"target": 0, "text": "x"}, (422, "invalid", "/body/target")),
        ("edit", {"target": 2**63, "text": "x"}, (422, "invalid", "/body/target")),
        ("edit", {"target": "1", "text": "x"}, (422, "invalid", "/body/target")),
        ("edit", {"text": "x"}, (422, "invalid", "/body/target")),
        ("edit", {"target": 1, "text": "x", "more": 1}, (422, "invalid", "/body/more")),
        ("delete", {"target": 1, "text": "x"}, (422, "invalid", "/body/text")),
        ("reaction", {"target": 1, "emoji": "ab"}, (422, "invalid", "/body/emoji")),
        ("reaction", {"target": 1, "emoji": "\U0001f44d\U0001f44d"}, (422, "invalid", "/body/emoji")),
        ("reaction", {"target": 1, "emoji": ""}, (422, "invalid", "/body/emoji")),
        ("reaction", {"target": 1}, (422, "invalid", "/body/emoji")),
        ("edit", [1], (422, "invalid", "/body")),
        ("message", {"target": 1}, (422, "invalid", "/kind")),
        ("game", {"target": 1}, (422, "invalid", "/kind")),
        ("pin", {"target": 1}, (422, "invalid", "/kind")),
    ],
)
async def test_a_change_that_cannot_be_made_names_the_field_and_stores_nothing(
    threads: Service, ann: User, bob: User, kind: str, body: Any, problem: tuple[int, str, str]
) -> None:
    link = await threads.link()
    await link.append(
        item(ann, bob),
        item(bob, ann),
        item(ann, bob, "{}", kind="game.move"),
        item(ann, bob),
        change(ann, bob, "delete", 4),
    )
    before = (await threads.page(ann, bob))["messages"]
    asked = {"client_id": uuid7(), "kind": kind, "body": body}
    status, answer = await threads.as_user(ann, "POST", EVENTS, asked)
    assert (status, answer["code"], answer["errors"][0]["pointer"]) == problem
    page = await threads.page(ann, bob)
    assert (page["messages"], page["head"]) == (before, 5)


async def test_a_change_alone_and_one_among_others_are_held_to_the_same_rules(
    threads: Service, ann: User, bob: User
) -> None:
    """Two functions of the database: `change_one` and `append_each`, as test_ways.py asks at length."""
    link = await threads.link()
    first, _, _, _, _, answer = await link.append(
        item(ann, bob),
        item(bob, ann),
        item(ann, bob, "{}", kind="game.move"),
        item(ann, bob),
        change(ann, bob, "delete", 4),
        item(bob, ann, reply_to=1),
    )
    assert (delivered(first).seq, delivered(answer).seq) == (1, 6)
    edit, reaction = {"text": "x"}, {"emoji": "\u2764\ufe0f"}
    bodies: dict[str, dict[str, Any]] = {"edit": edit, "reaction": reaction}
    expected = {
        ("edit", 99): "ahead", ("edit", 3): "not-a-message", ("edit", 5): "not-a-message", ("edit", 2): "not-yours",
        ("edit", 4): "gone", ("edit", 6): "not-yours", ("edit", 1): "", ("reaction", 99): "ahead",
        ("reaction", 3): "not-a-message", ("reaction", 4): "gone", ("reaction", 2): "", ("reaction", 6): "",
    }  # fmt: skip
    for (kind, target), problem in expected.items():
        asked = [change(ann, bob, kind, target, **bodies[kind]) for _ in range(2)]
        [alone] = await link.append(asked[0])
        among, _ = await link.append(asked[1], change(bob, ann, "reaction", 1, emoji=None))
        for result in (alone, among):
            assert (code(result)[0] if result.problem else "") == problem, (kind, target)
        [again] = await link.append(asked[1])
        also_again, _ = await link.append(asked[0], change(bob, ann, "reaction", 1, emoji=None))
        for result, before in ((again, among), (also_again, alone)):
            assert (result.delivery, result.created) == (before.delivery, False)
        if not problem:
            other = structs.replace(
                asked[0], body=asked[0].body.replace(f":{target}", ":1" if target > 1 else ":2")
            )
            [conflict] = await link.append(other)
            assert code(conflict)[0] == "conflict"


@pytest.mark.parametrize(
    ("peer", "body", "status", "pointer"),
    [
        ("ann", {}, 422, "{username}"),
        ("nobody", {}, 404, "{username}"),
        ("bob", {"client_id": "7"}, 422, "/client_id"),
        ("bob", {"kind": 7}, 422, "/kind"),
        ("bob", {"extra": 1}, 422, "/extra"),
    ],
)
async def test_a_call_that_makes_no_sense_names_what_is_wrong(
    threads: Service, ann: User, bob: User, peer: str, body: dict[str, Any], status: int, pointer: str
) -> None:
    asked = {"client_id": uuid7(), "kind": "delete", "body": {"target": 1}, **body}
    answer = await threads.as_user(ann, "POST", f"/api/threads/{peer}/events", asked)
    assert (answer[0], answer[1]["errors"][0]["pointer"]) == (status, pointer)


async def test_half_of_a_surrogate_pair_names_its_field(threads: Service, ann: User, bob: User) -> None:
    data = f'{{"client_id":"{uuid7()}","kind":"edit","body":{{"target":1,"text":"\\ud800"}}}}'.encode()
    headers = {**threads.tokens.user(ann.id, ann.name), "Content-Type": "application/json"}
    async with threads.client.post(EVENTS, data=data, headers=headers) as response:
        answer = await response.json(content_type=None)
    assert (response.status, answer["errors"][0]["pointer"]) == (422, "/body/text")


async def test_in_a_thread_that_nobody_has_begun_everything_is_ahead_and_it_stays_so(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    link = await threads.link()
    edit, reply = await link.append(change(ann, bob, "edit", 1, text="x"), item(ann, bob, reply_to=1))
    assert (code(edit), code(reply)) == (("ahead", "/body/target"), ("ahead", "/reply_to"))
    assert await sql.fetchval("SELECT count(*) FROM threads") == 0
    refused, first, answer = await link.append(
        change(ann, bob, "delete", 1), item(ann, bob, "first"), item(bob, ann, "answer", reply_to=1)
    )
    assert code(refused)[0] == "ahead"
    assert [delivered(first).seq, delivered(answer).seq] == [1, 2]


async def test_a_wrong_change_harms_nothing_else_of_its_batch(
    threads: Service, ann: User, bob: User, eve: User
) -> None:
    """A message, an edit of it, refused ones and other threads in one batch: all in the order of the batch."""
    results = await (await threads.link()).append(
        item(ann, bob, "one"),
        item(ann, eve, "elsewhere"),
        change(ann, bob, "edit", 1, text="ONE"),
        change(bob, ann, "edit", 1, text="not mine"),
        change(ann, bob, "edit", 2, text="not a message"),
        change(ann, bob, "edit", 1, text=""),
        item(bob, ann, "two", reply_to=1),
        change(ann, "nobody", "delete", 1),
        item(ann, bob, "reply to nothing", reply_to=77),
        change(ann, eve, "reaction", 1, emoji="\U0001f44d"),
        change(ann, bob, "delete", 1),
        change(ann, bob, "edit", 1, text="too late"),
        item(bob, ann, "answer to what is gone", reply_to=1),
    )
    assert [delivered(one).seq if one.delivery else code(one) for one in results] == [
        1, 1, 2, ("not-yours", "/body/target"), ("not-a-message", "/body/target"), ("invalid", "/body/text"), 3,
        ("not-found", "/to"), ("ahead", "/reply_to"), 2, 4, ("gone", "/body/target"), 5,
    ]  # fmt: skip
    assert [one.created for one in results] == [one.delivery is not None for one in results]
    [first, two, answer] = (await threads.page(ann, bob))["messages"]
    assert (first["version"], "text" in first, two["reply_to"], answer["reply_to"]) == (4, False, 1, 1)


async def test_a_row_that_the_database_refuses_harms_no_change(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User, eve: User
) -> None:
    await sql.execute("ALTER TABLE events ADD CONSTRAINT no_poison CHECK (body NOT LIKE '%poison%')")
    one, bad, edit, elsewhere, worse, edited = await (await threads.link()).append(
        item(ann, bob, "one"),
        item(ann, bob, "poison"),
        change(ann, bob, "edit", 1, text="ONE"),
        item(ann, eve, "elsewhere"),
        item(ann, eve, "poison"),
        change(ann, bob, "edit", 1, text="poison"),
    )
    assert [delivered(result).seq for result in (one, edit, elsewhere)] == [1, 2, 1]
    assert code(bad) == code(worse) == ("invalid", "/text")
    assert code(edited) == ("invalid", "/body")
    assert all(result.created for result in (one, edit, elsewhere))


async def test_an_edit_after_the_fiftieth_is_refused_and_a_delete_is_not(
    threads: Service, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "0")
    link = await threads.link()
    edits = [change(ann, bob, "edit", 1, text=str(number)) for number in range(1, MAX_EDITS + 2)]
    *taken, last = await link.append(*edits)
    assert all(result.created for result in taken)
    assert code(last) == ("too-many-edits", "/body/target")
    [again] = await link.append(edits[-2])
    assert (delivered(again).seq, again.created) == (MAX_EDITS + 1, False)
    assert (await shown(threads, bob, ann, 1))["text"] == str(MAX_EDITS)
    _, history = await threads.as_user(bob, "GET", "/api/threads/ann/messages/1/history")
    assert [one["text"] for one in history["texts"]] == [str(number) for number in range(MAX_EDITS + 1)]
    [deleted] = await link.append(change(ann, bob, "delete", 1))
    assert deleted.created


ALL = ["message", "reply", "edit", "delete", "reaction"]


def _done(kind: str, ann: User, bob: User) -> Any:
    if kind in ("message", "reply"):
        return item(ann, bob, "said", reply_to=1 if kind == "reply" else 0)
    body = {"edit": {"text": "edited"}, "delete": {}, "reaction": {"emoji": "\U0001f44d"}}[kind]
    return change(ann, bob, kind, 1, **body)


@pytest.mark.parametrize("kind", ALL)
async def test_a_repeat_gets_its_first_answer_for_ever(
    threads: Service, ann: User, bob: User, kind: str
) -> None:
    link = await threads.link()
    await threads.say(ann, bob, "first")
    asked = _done(kind, ann, bob)
    once, twice = await link.append(asked, asked)
    assert (once.created, twice) == (True, AppendResult(once.delivery, created=False))
    await link.append(item(ann, bob), item(bob, ann, reply_to=1))
    assert await link.append(asked) == [AppendResult(once.delivery, created=False)]
    mixed = await link.append(item(ann, bob, "new", reply_to=1), asked, item(bob, ann))
    assert mixed[1] == AppendResult(once.delivery, created=False)
    assert (await threads.page(ann, bob))["head"] == 6


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("deleted", [False, True])
async def test_the_same_client_id_with_anything_else_is_a_conflict(
    threads: Service, ann: User, bob: User, kind: str, deleted: bool
) -> None:
    link = await threads.link()
    await threads.say(ann, bob, "first", "second")
    asked = _done(kind, ann, bob)
    [stored] = await link.append(asked)
    if deleted and kind != "delete":
        await link.append(change(ann, bob, "delete", 3 if kind in ("message", "reply") else 1))
    others = [
        item(ann, bob, "said otherwise"),
        item(ann, bob, "said", reply_to=2),
        item(ann, bob, "", kind="message"),
        change(ann, bob, "edit", 1, text="edited otherwise"),
        change(ann, bob, "edit", 2, text="edited"),
        change(ann, bob, "delete", 2),
        change(ann, bob, "reaction", 1, emoji=None),
        *[_done(other, ann, bob) for other in ALL if other != kind],
    ]
    for other in others:
        same = type(other)(*[*[getattr(other, name) for name in ("sender", "sender_name", "to", "kind")],
                             asked.client_id, other.body, 0, other.target])  # fmt: skip
        for result in (await link.append(same), (await link.append(same, item(ann, bob, reply_to=1)))[:1]):
            assert code(result[0])[0] in ("conflict", "invalid"), other
    assert delivered((await link.append(asked))[0]).seq == delivered(stored).seq


async def test_the_same_by_http_and_by_link_is_one_event(threads: Service, ann: User, bob: User) -> None:
    link = await threads.link()
    await threads.say(ann, bob, "first")
    edit = change(ann, bob, "edit", 1, text="e\u0301")
    [stored] = await link.append(edit)
    body = {"client_id": edit.client_id, "kind": "edit", "body": {"text": "\u00e9", "target": 1}}
    status, event = await threads.as_user(ann, "POST", EVENTS, body)
    assert (status, event["seq"], event["body"]) == (
        200,
        delivered(stored).seq,
        {"target": 1, "text": "\u00e9"},
    )
    reply = {"client_id": str(uuid7()), "text": "second", "reply_to": 1}
    status, first = await threads.as_user(ann, "POST", MESSAGES, reply)
    assert (status, first["reply_to"], first["seq"], first["version"]) == (201, 1, 3, 3)
    assert await threads.as_user(ann, "POST", MESSAGES, reply) == (200, first)
    again = await link.append(item(ann, bob, "second", UUID(str(reply["client_id"])), reply_to=1))
    assert (again[0].created, delivered(again[0]).seq) == (False, 3)
    for changed in ({"reply_to": 2}, {"reply_to": None}, {"text": "third"}):
        status, problem = await threads.as_user(ann, "POST", MESSAGES, {**reply, **changed})
        assert (status, problem["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("reply_to", "status", "problem"),
    [
        (99, 422, "ahead"),
        (2**63 - 1, 422, "ahead"),
        (2, 422, "not-a-message"),
        (0, 422, "invalid"),
        ("1", 422, "invalid"),
    ],
)
async def test_a_reply_to_what_is_no_message_names_its_field(
    threads: Service, ann: User, bob: User, reply_to: Any, status: int, problem: str
) -> None:
    await (await threads.link()).append(item(ann, bob), item(ann, bob, "{}", kind="game.move"))
    body = {"client_id": uuid7(), "text": "re", "reply_to": reply_to}
    answer = await threads.as_user(ann, "POST", MESSAGES, body)
    assert (answer[0], answer[1]["code"], answer[1]["errors"][0]["pointer"]) == (status, problem, "/reply_to")


async def test_frames_say_what_a_message_answers_and_what_is_deleted(
    threads: Service, ann: User, bob: User
) -> None:
    link = await threads.link()
    sent, edit = item(ann, bob, "first"), change(ann, bob, "edit", 1, text="second")
    await link.append(sent, edit)
    [reply] = await link.append(item(bob, ann, "re", reply_to=1))
    frame = frames(delivered(reply))[0]
    assert isinstance(frame, MessageFrame)
    assert (frame.reply_to, frame.deleted_at) == (1, None)
    [deleted] = await link.append(change(ann, bob, "delete", 1))
    message, changed = (frames(delivered(one))[1] for one in await link.append(sent, edit))
    gone = frames(delivered(deleted))[1]
    assert isinstance(message, MessageFrame)
    assert isinstance(changed, EventFrame)
    assert isinstance(gone, EventFrame)
    assert (message.text, message.deleted_at) == ("", gone.sent_at)
    assert bytes(changed.body) == b'{"target":1}'
    _, log = await threads.as_user(bob, "GET", "/api/threads/ann/events")
    assert [one["seq"] for one in log["events"]] == [1, 2, 3, 4]
    assert (log["events"][0]["text"], "deleted_at" in log["events"][0]) == ("", True)
    assert log["events"][1]["body"] == {"target": 1}
    status, again = await threads.as_user(
        ann, "POST", MESSAGES, {"client_id": sent.client_id, "text": "first"}
    )
    assert (status, "text" in again, "deleted_at" in again) == (200, False, True)


async def test_nobody_changes_a_thread_that_is_not_theirs(
    threads: Service, ann: User, bob: User, eve: User
) -> None:
    await threads.say(ann, bob, "between us")
    await threads.say(eve, bob, "hello")
    for kind, body in (("edit", {"text": "x"}), ("delete", {}), ("reaction", {"emoji": "\U0001f44d"})):
        status, problem = await threads.do(eve, ann, kind, target=1, **body)
        assert (status, problem["code"]) == (422, "ahead")
    assert (await threads.do(bob, eve, "delete", target=1))[1]["code"] == "not-yours"
    assert (await shown(threads, bob, ann, 1))["version"] == 1
    status, problem = await threads.as_user(eve, "GET", "/api/threads/ann/messages/1/history")
    assert (status, problem["code"]) == (422, "ahead")


async def test_over_the_quota_one_may_delete_but_not_edit_react_or_reply(
    start: Start, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    full = await start(quota_mb=1)
    link = await full.link()
    edit = change(ann, bob, "edit", 1, text="as before")
    await link.append(item(ann, bob, "one"), edit)
    await sql.execute(
        "INSERT INTO usage VALUES ($1, $2) ON CONFLICT (user_id) DO UPDATE SET bytes = $2", ann.id, 2**40
    )
    while (result := (await link.append(item(ann, bob, "more")))[0]).created:
        pass
    assert code(result)[0] == "over-quota"
    asked = [
        change(ann, bob, "edit", 1, text="larger"), change(ann, bob, "reaction", 1, emoji="\U0001f44d"),
        item(ann, bob, reply_to=1), edit, item(bob, ann, reply_to=1), change(ann, bob, "delete", 1),
    ]  # fmt: skip
    *refused, again, of_bob, deleted = await link.append(*asked)
    assert [code(one)[0] for one in refused] == ["over-quota"] * 3
    assert (delivered(again).seq, again.created, of_bob.created, deleted.created) == (2, False, True, True)
