"""Previews of links: appended by notify alone, of the text that a message has, and gone with it."""

from typing import Any

import asyncpg
import pytest

from services.threads.tests.driver import Service, User, code, delivered, frames, item, preview
from services.threads.tests.test_changes import EVENTS, shown
from services.threads.tests.test_deleting import dump
from services.threads.tests.test_search import find, until_found
from shared.wire import codec
from shared.wire.ids import uuid7
from shared.wire.link import AppendBatch
from shared.wire.log_calls import CurrentText, TextOf
from shared.wire.messages import EventFrame, LogItem

LINK = "https://a.example/way"
SAID = {"url": LINK, "title": "A quixotic <b>page</b>", "site": "Example", "description": "Of zephyrs"}


async def text_of(threads: Service, thread: int, seq: int) -> CurrentText:
    headers = threads.tokens.program("notify")
    status, answer = await threads.call("POST", "/internal/text", TextOf(thread, seq), headers=headers)
    assert status == 200, answer
    return codec.decode(codec.encode(answer), CurrentText)


def said_in(frame: LogItem) -> dict[str, Any]:
    assert isinstance(frame, EventFrame)
    return codec.decode(bytes(frame.body), dict[str, Any])


async def test_a_preview_comes_as_an_event_and_shows_in_the_message_and_moves_nothing_else(
    threads: Service, ann: User, bob: User, eve: User
) -> None:
    await threads.say(ann, bob, f"see {LINK}", "and")
    await threads.say(eve, bob, "later")
    _, before = await threads.as_user(bob, "GET", "/api/threads")
    event, _ = frames(delivered(await preview(threads, ann, bob, 1, **SAID)))
    assert isinstance(event, EventFrame)
    assert (event.kind, event.seq, event.sender) == ("preview", 3, "ann")
    assert said_in(event) == {"target": 1, "of": 1, **SAID}
    message = await shown(threads, bob, ann, 1)
    assert (message["preview"], message["version"], message["text"]) == (SAID, 3, f"see {LINK}")
    assert "edited_at" not in message
    _, after = await threads.as_user(bob, "GET", "/api/threads")
    assert [(one["username"], one["unread"]) for one in after["threads"]] == [("eve", 1), ("ann", 2)]
    assert [one["last_message"] for one in after["threads"]] == [
        one["last_message"] for one in before["threads"]
    ]
    await until_found(threads, bob, "later")
    assert await find(threads, bob, "quixotic") == []
    taken_back = delivered(await preview(threads, ann, bob, 1))
    assert said_in(frames(taken_back)[0]) == {"target": 1, "of": 1}
    message = await shown(threads, bob, ann, 1)
    assert ("preview" in message, message["version"]) == (False, 4)


async def test_a_preview_is_of_the_text_that_the_message_has_now(
    threads: Service, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, f"see {LINK}")
    thread = delivered(await preview(threads, ann, bob, 1, **SAID)).thread
    assert await text_of(threads, thread, 1) == CurrentText(
        ann.id, "ann", bob.id, "bob", f"see {LINK}", 1, LINK
    )
    await threads.do(ann, bob, "edit", target=1, text="see https://b.example")
    assert (await shown(threads, bob, ann, 1))["preview"] == SAID  # until notify has looked at the other one
    assert code(await preview(threads, ann, bob, 1, **SAID)) == ("stale", "/body/target")
    assert code(await preview(threads, ann, bob, 1, of=2, **SAID)) == ("stale", "/body/target")
    said = await text_of(threads, thread, 1)
    assert (said.text, said.of, said.previewed) == ("see https://b.example", 3, LINK)
    other = {"url": "https://b.example", "title": "B"}
    assert (await preview(threads, ann, bob, 1, of=3, **other)).created
    assert (await shown(threads, bob, ann, 1))["preview"] == other
    for seq in (3, 9):
        asked, headers = TextOf(thread, seq), threads.tokens.program("notify")
        assert (await threads.call("POST", "/internal/text", asked, headers=headers))[0] == 404


async def test_nobody_else_may_append_one(threads: Service, ann: User, bob: User) -> None:
    await threads.say(ann, bob, f"see {LINK}")
    for who, peer in ((ann, bob), (bob, ann)):
        asked = {"client_id": uuid7(), "kind": "preview", "body": {"target": 1, "of": 1, **SAID}}
        status, problem = await threads.as_user(who, "POST", EVENTS.replace("bob", peer.name), asked)
        assert (status, problem["code"], problem["errors"][0]["pointer"]) == (422, "invalid", "/kind")
    body = codec.encode({"target": 1, "of": 1, **SAID}).decode()
    batch = AppendBatch(0, "", [item(ann, bob, body, kind="preview")])
    for program in ("relay", "game", "gateway"):
        headers = threads.tokens.program(program)
        assert (await threads.call("POST", "/internal/append", batch, headers=headers))[0] == 403
    message = AppendBatch(0, "", [item(ann, bob, "as if by Ann")])
    headers = threads.tokens.program("notify")
    assert (await threads.call("POST", "/internal/append", message, headers=headers))[0] == 403
    assert code(await preview(threads, bob, ann, 1, **SAID)) == ("not-yours", "/body/target")
    assert "preview" not in await shown(threads, bob, ann, 1)


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"url": "javascript:alert(1)"}, "/body/url"),
        ({"url": "https://"}, "/body/url"),
        ({"url": "https://a.example/\u202e"}, "/body/url"),
        ({"url": "https://a.example/" + "x" * 2048}, "/body/url"),
        ({"url": ""}, "/body/title"),
        ({"title": ""}, "/body/title"),
        ({"title": "two\nlines"}, "/body/title"),
        ({"title": "to the \u202eleft"}, "/body/title"),
        ({"title": "x" * 201}, "/body/title"),
        ({"site": "x" * 81}, "/body/site"),
        ({"description": "x" + "\u0301" * 40}, "/body/description"),
        ({"image": "https://a.example/cat.png"}, "/body/image"),
    ],
)
async def test_a_preview_is_one_clean_line_of_each(
    threads: Service, ann: User, bob: User, wrong: dict[str, str], pointer: str
) -> None:
    await threads.say(ann, bob, f"see {LINK}")
    assert code(await preview(threads, ann, bob, 1, **{**SAID, **wrong})) == ("invalid", pointer)


async def test_with_the_message_its_previews_are_deleted_from_log_and_projection(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, f"see {LINK}")
    sent = await preview(threads, ann, bob, 1, **SAID)
    await sql.execute("ANALYZE")
    assert "quixotic" in await dump(sql)
    await threads.do(ann, bob, "delete", target=1)
    assert "quixotic" not in await dump(sql)
    assert "preview" not in await shown(threads, bob, ann, 1)
    _, log = await threads.as_user(bob, "GET", "/api/threads/ann/events")
    assert log["events"][1]["body"] == {"target": 1}
    assert code(await preview(threads, ann, bob, 1, **SAID)) == ("gone", "/body/target")
    said = await text_of(threads, delivered(sent).thread, 1)
    assert (said.text, said.previewed) == ("", None)
