"""Messages with photos and files: what of them is stored, shown, refused, recognised and deleted."""

import asyncio
from typing import Any

import asyncpg
import msgspec
import pytest

from services.threads.tests.driver import Service, Start, User, change, code, delivered, frames, item
from services.threads.tests.test_deleting import dump
from services.threads.tests.test_search import find, until_found
from shared.testing.fake_media import FakeMedia
from shared.wire.attachments import MAX_ALT_CODE_POINTS, OCTETS, NamedAttachment
from shared.wire.ids import uuid7
from shared.wire.link import AppendItem
from shared.wire.messages import MessageFrame

MESSAGES = "/api/threads/bob/messages"
THUMB = "A" * 64


@pytest.fixture
async def threads(start: Start, media: FakeMedia) -> Service:
    return await start(media_url=media.url)


async def send(threads: Service, user: User, *ids: str, text: str = "", **more: Any) -> tuple[int, Any]:
    attachments = [{"id": id} for id in ids]
    asked = {"client_id": uuid7(), "text": text, "attachments": attachments, **more}
    return await threads.as_user(user, "POST", MESSAGES, asked)


def photo(ann: User, bob: User, *ids: str, text: str = "", **more: Any) -> AppendItem:
    """One that a relay appends by itself."""
    named = [NamedAttachment(id) for id in ids]
    return msgspec.structs.replace(item(ann, bob, text, **more), attachments=named)


async def test_a_message_carries_its_files_wherever_it_is_read(
    threads: Service, media: FakeMedia, ann: User, bob: User
) -> None:
    cat, plan = media.add(ann.id), media.add(ann.id, "plan.pdf", OCTETS)
    named = [{"id": cat, "alt": " a cat\u0301 "}, {"id": plan, "alt": " "}]
    asked = {"client_id": uuid7(), "text": "", "attachments": named}
    status, sent = await threads.as_user(ann, "POST", MESSAGES, asked)
    expected = [
        {"id": cat, "name": "cat.webp", "type": "image/webp", "size": 1000, "width": 640, "height": 480,
         "thumb": THUMB, "alt": "a cat\u0301"},
        {"id": plan, "name": "plan.pdf", "type": OCTETS, "size": 1000},
    ]  # fmt: skip
    assert (status, sent["text"], sent["attachments"]) == (201, "", expected)
    [claim] = media.asked
    assert (claim.owner, claim.peer, claim.ids) == (ann.id, bob.id, [cat, plan])
    await threads.as_user(
        bob, "POST", "/api/threads/ann/messages", {"client_id": uuid7(), "text": "so?", "reply_to": 1}
    )
    [answer] = (await threads.page(ann, bob, limit=1))["messages"]
    page = await threads.page(bob, ann, limit=1)
    [quoted] = page["quoted"]
    assert (answer.get("attachments"), quoted["attachments"]) == (None, expected)
    _, log = await threads.as_user(bob, "GET", "/api/threads/ann/events")
    assert log["events"][0]["attachments"] == expected
    assert "attachments" not in log["events"][1]
    await threads.do(bob, ann, "reaction", target=1, emoji="\U0001f44d")
    _, inbox = await threads.as_user(bob, "GET", "/api/threads")
    assert inbox["threads"][0]["last_message"]["seq"] == 2
    await until_found(threads, bob, "plan")
    for q in ("cat.webp", "plan pdf", "cat\u0301"):
        _, found = await threads.as_user(bob, "GET", "/api/search", q=q)
        assert [one["attachments"] for one in found["messages"]] == [expected], q


async def test_the_batch_of_a_relay_tells_both_members(
    threads: Service, media: FakeMedia, ann: User, bob: User
) -> None:
    link = await threads.link()
    cat, dog = media.add(ann.id), media.add(ann.id, "dog.webp")
    plain, with_photos = await link.append(item(ann, bob, "hi"), photo(ann, bob, cat, dog, text="look"))
    assert (delivered(plain).seq, delivered(with_photos).seq) == (1, 2)
    for frame in frames(delivered(with_photos)):
        assert isinstance(frame, MessageFrame)
        assert (frame.text, [one.id for one in frame.attachments]) == ("look", [cat, dog])


ID = "0" * 22


@pytest.mark.parametrize(
    ("attachments", "pointer"),
    [
        ([{"id": f"{number:022}"} for number in range(11)], "/attachments"),
        ([{"id": ID}, {"id": ID}], "/attachments/1/id"),
        ([{"id": ID}, {"id": "9" * 22}], "/attachments/1/id"),
        ([{"id": "0" * 21 + "1"}], "/attachments/0/id"),
        ([{"id": "short"}], "/attachments/0/id"),
        ([{"id": ID, "alt": "x" * (MAX_ALT_CODE_POINTS + 1)}], "/attachments/0/alt"),
        ([{"id": ID, "alt": "a\x00"}], "/attachments/0/alt"),
        ([{"id": ID, "alt": "a" + "\u0301" * 31}], "/attachments/0/alt"),
        ([{"id": ID, "alt": 7}], "/attachments/0/alt"),
        ([{"id": 7}], "/attachments/0/id"),
        ([{"alt": "x"}], "/attachments/0/id"),
        ([{"id": ID, "name": "x"}], "/attachments/0/name"),
        ([ID], "/attachments/0"),
        ({"id": ID}, "/attachments"),
        (None, "/attachments"),
        ([], "/text"),
    ],
)
async def test_what_cannot_be_attached_names_the_field_and_stores_nothing(
    threads: Service, media: FakeMedia, ann: User, bob: User, attachments: Any, pointer: str
) -> None:
    assert (media.add(ann.id), media.add(bob.id)) == (ID, "0" * 21 + "1")
    asked = {"client_id": uuid7(), "text": "", "attachments": attachments}
    status, answer = await threads.as_user(ann, "POST", MESSAGES, asked)
    assert (status, answer["code"], answer["errors"][0]["pointer"]) == (422, "invalid", pointer)
    assert (await threads.page(ann, bob))["head"] == 0


async def test_a_repeat_is_known_by_what_the_send_said_and_needs_no_file(
    threads: Service, media: FakeMedia, ann: User, bob: User
) -> None:
    cat, dog = media.add(ann.id), media.add(ann.id, "dog.webp")
    id = uuid7()

    async def again(text: str, *named: dict[str, str]) -> tuple[int, Any]:
        asked = {"client_id": id, "text": text, **({"attachments": named} if named else {})}
        return await threads.as_user(ann, "POST", MESSAGES, asked)

    status, sent = await again("look", {"id": cat, "alt": "a cat"})
    assert status == 201
    media.away = True
    others: list[Any] = [
        ("look",), ("look", {"id": cat}), ("look", {"id": cat, "alt": "a dog"}), ("look", {"id": dog, "alt": "a cat"}),
        ("look", {"id": cat, "alt": "a cat"}, {"id": dog}), ("", {"id": cat, "alt": "a cat"}),
    ]  # fmt: skip
    for deleted in (False, True):
        assert await again("look", {"id": cat, "alt": "a cat"}) == (200, sent)
        for other in others:
            status, answer = await again(*other)
            assert (status, answer["code"]) == (409, "conflict"), (deleted, other)
        if not deleted:
            _, event = await threads.do(ann, bob, "delete", target=1)
            sent = {name: value for name, value in sent.items() if name not in ("text", "attachments")}
            sent["deleted_at"] = event["sent_at"]
    link = await threads.link()
    for other in (item(ann, bob, "look", id), photo(ann, bob, dog, text="look", client_id=id)):
        for batch in ([other], [other, item(ann, bob)]):
            assert code((await link.append(*batch))[0]) == ("conflict", "/client_id")
    assert len(media.asked) == 1


async def test_a_message_without_files_asks_media_nothing_and_reads_as_before(
    threads: Service, media: FakeMedia, ann: User, bob: User
) -> None:
    link = await threads.link()
    [result] = await link.append(item(ann, bob, "hi"))
    stored = delivered(result)
    fields = b'"thread":"bob","seq":1,"sender":"ann","client_id":"'
    assert bytes(stored.for_low).startswith(b'{"type":"message",' + fields)
    assert list(msgspec.json.decode(bytes(stored.for_low))) == [
        "type", "thread", "seq", "sender", "client_id", "text", "sent_at",
    ]  # fmt: skip
    assert media.asked == []


async def test_where_media_is_away_only_messages_with_files_wait(
    threads: Service, media: FakeMedia, ann: User, bob: User
) -> None:
    cat = media.add(ann.id)
    media.away = True
    status, answer = await send(threads, ann, cat)
    assert (status, answer["code"]) == (503, "unavailable")
    media.away = False
    media.thawed.clear()
    slow = asyncio.create_task(send(threads, ann, cat))
    while len(media.asked) < 2:
        await asyncio.sleep(0.01)
    assert await threads.say(ann, bob, "meanwhile") == [1]
    media.thawed.set()
    status, sent = await slow
    assert (status, sent["seq"]) == (201, 2)


async def test_an_edit_changes_the_text_alone_and_a_deletion_takes_all(
    threads: Service, media: FakeMedia, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    secret = media.add(ann.id, "zephyr.webp")
    await send(threads, ann, text="look", attachments=[{"id": secret, "alt": "a quixotic cat"}])
    await threads.as_user(
        bob, "POST", "/api/threads/ann/messages", {"client_id": uuid7(), "text": "so", "reply_to": 1}
    )
    await threads.do(ann, bob, "edit", target=1, text="see")
    [message, _] = (await threads.page(bob, ann))["messages"]
    assert (message["text"], message["attachments"][0]["alt"]) == ("see", "a quixotic cat")
    await until_found(threads, bob, "see zephyr quixotic")
    assert await find(threads, bob, "quixotic") == ["see"]
    await sql.execute("ANALYZE")
    await threads.do(ann, bob, "delete", target=1)
    dumped = await dump(sql)
    assert [word for word in ("zephyr", "quixotic", secret, THUMB.lower()) if word in dumped] == []
    _, log = await threads.as_user(bob, "GET", "/api/threads/ann/events")
    assert (log["events"][0]["text"], log["events"][0].get("attachments")) == ("", None)
    assert "attachments" not in (await threads.page(bob, ann))["messages"][0]


async def test_an_edit_may_take_the_text_of_a_message_with_files_and_of_no_other(
    threads: Service, media: FakeMedia, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "only words")
    await send(threads, ann, media.add(ann.id), text="look")
    for blank in ("", " \n", "\u2800"):
        status, answer = await threads.do(ann, bob, "edit", target=1, text=blank)
        assert (status, answer["code"], answer["errors"][0]["pointer"]) == (422, "invalid", "/body/text")
    link = await threads.link()
    refused, taken = await link.append(*(change(ann, bob, "edit", seq, text="") for seq in (1, 2)))
    assert (code(refused), delivered(taken).seq) == (("invalid", "/body/text"), 3)
    page = await threads.page(bob, ann)
    assert [(one["text"], one["version"]) for one in page["messages"]] == [("only words", 1), ("", 3)]
    assert (await threads.do(ann, bob, "edit", target=2, text="see"))[0] == 201
    status, event = await threads.do(ann, bob, "edit", target=2, text=" ")
    assert (status, event["body"]) == (201, {"target": 2, "text": ""})
    _, inbox = await threads.as_user(bob, "GET", "/api/threads")
    last = inbox["threads"][0]["last_message"]
    assert (last["text"], [one["name"] for one in last["attachments"]]) == ("", ["cat.webp"])
    _, past = await threads.as_user(bob, "GET", "/api/threads/ann/messages/2/history")
    assert [one["text"] for one in past["texts"]] == ["look", "", "see", ""]
    await threads.do(ann, bob, "delete", target=2)
    status, answer = await threads.do(ann, bob, "edit", target=2, text="")
    assert (status, answer["code"]) == (410, "gone")


async def test_what_describes_files_counts_in_a_page_and_for_its_sender(
    threads: Service, media: FakeMedia, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    files = [media.add(ann.id) for _ in range(10)]
    link = await threads.link()
    named = [NamedAttachment(id, "\U0001f600" * 1000) for id in files]
    many = [
        AppendItem(ann.id, ann.name, bob.name, "message", uuid7(), "", attachments=named) for _ in range(20)
    ]
    await link.append(*many)
    page = await threads.page(ann, bob)
    assert (0 < len(page["messages"]) < 20, page["more"]) == (True, True)
    [size] = await sql.fetchrow("SELECT sum(octet_length(attachments)) FROM events")
    async with asyncio.timeout(5):
        while await sql.fetchval("SELECT bytes FROM usage WHERE user_id = $1", ann.id) != size + 20 * 200:
            await asyncio.sleep(0.05)
    await link.append(*(change(ann, bob, "delete", seq) for seq in range(1, 21)))
    left = sum(len(f'{{"target":{seq}}}') for seq in range(1, 21)) + 40 * 200
    async with asyncio.timeout(5):
        while await sql.fetchval("SELECT bytes FROM usage WHERE user_id = $1", ann.id) != left:
            await asyncio.sleep(0.05)
