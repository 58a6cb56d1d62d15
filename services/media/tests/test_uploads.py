"""An upload from its first byte to its last reader: what is kept, what is refused, and who may read it."""

import os
from collections.abc import AsyncIterator
from hashlib import sha256

import pytest

from services.media.blobs import spool
from services.media.tests.desk import Desk, stream_of, until
from shared.wire.ids import uuid7

MB = 1024 * 1024


async def test_a_file_comes_back_as_it_was_and_lies_sealed_in_the_store(desk: Desk) -> None:
    content = b"what ann sends to bob " * 10_000
    sent = await desk.uploaded("ann", "bob", content, "../letters/a letter.txt")
    assert (sent["name"], sent["type"], sent["size"]) == (
        "a letter.txt",
        "application/octet-stream",
        len(content),
    )
    answer = await desk.read("ann", sent["id"])
    assert (answer.status, answer.body) == (200, content)
    [blob] = desk.blobs()
    sealed = blob.read_bytes()
    assert b"what ann sends" not in sealed
    assert blob.name == sha256(sealed).hexdigest()
    assert (blob.stat().st_mode & 0o777, blob.parent.name) == (0o600, blob.name[2:4])
    assert desk.left_over() == []


async def test_an_answer_lets_no_browser_take_a_file_for_more_than_a_download(desk: Desk) -> None:
    sent = await desk.uploaded("ann", "bob", b"<script>alert(1)</script>", "página.html")
    headers = (await desk.read("ann", sent["id"])).headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''p%C3%A1gina.html"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert headers["Cache-Control"] == "private, immutable, max-age=31536000"


async def test_only_its_owner_reads_a_file_until_it_is_claimed_for_a_message_and_then_the_peer(
    desk: Desk,
) -> None:
    id = (await desk.uploaded("ann", "bob", b"content"))["id"]
    refusals = [await desk.read("bob", id), await desk.read("eve", id), await desk.read("eve", "A" * 22)]
    assert {(one.status, one.body) for one in refusals} == {(404, refusals[0].body)}
    assert (await desk.claim("ann", "bob", id)).status == 200
    assert (await desk.read("bob", id)).body == b"content"
    assert (await desk.read("eve", id)).status == 404


async def test_a_claim_answers_in_its_order_and_may_come_again(desk: Desk) -> None:
    first = await desk.uploaded("ann", "bob", b"1", "one")
    second = await desk.uploaded("ann", "bob", b"22", "two")
    for _ in range(2):
        claimed = await desk.claim("ann", "bob", second["id"], first["id"])
        assert claimed.json == {"attachments": [second, first]}


async def test_a_claim_says_which_of_them_cannot_be_named_and_claims_none(desk: Desk) -> None:
    good = (await desk.uploaded("ann", "bob", b"good"))["id"]
    for_eve = (await desk.uploaded("ann", "eve", b"for eve"))["id"]
    of_bob = (await desk.uploaded("bob", "ann", b"of bob"))["id"]
    refused = await desk.claim("ann", "bob", good, for_eve, of_bob, "A" * 22)
    assert (refused.status, [error["pointer"] for error in refused.json["errors"]]) == (
        422,
        [f"/attachments/{place}/id" for place in (1, 2, 3)],
    )
    assert (await desk.read("bob", good)).status == 404


async def test_the_same_client_id_gets_the_same_answer_and_another_file_under_it_is_a_conflict(
    desk: Desk,
) -> None:
    client_id = uuid7()
    first = await desk.upload("ann", "bob", b"content", client_id=client_id)
    again = await desk.upload("ann", "bob", b"content", client_id=client_id)
    assert (first.status, again.status, again.json) == (201, 200, first.json)
    for peer, content in (("bob", b"another"), ("eve", b"content")):
        refused = await desk.upload("ann", peer, content, client_id=client_id)
        assert (refused.status, refused.json["errors"][0]["pointer"]) == (409, "?client_id")
    assert len(desk.blobs()) == 1


@pytest.mark.parametrize(
    ("first", "last", "header"),
    [(0, 9, "bytes=0-9"), (65_530, 65_545, "bytes=65530-65545"), (199_990, 199_999, "bytes=-10")],
)
async def test_a_range_of_a_file_is_read_by_itself(desk: Desk, first: int, last: int, header: str) -> None:
    content = os.urandom(200_000)
    id = (await desk.uploaded("ann", "bob", content))["id"]
    answer = await desk.read("ann", id, headers={"Range": header})
    assert (answer.status, answer.body) == (206, content[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/200000"
    whole = await desk.read("ann", id, headers={"Range": "bytes=200000-"})
    assert (whole.status, whole.body) == (200, content)


async def test_a_file_that_is_too_large_is_refused_whether_its_length_is_announced_or_not(desk: Desk) -> None:
    await desk.stop("media")
    await desk.start("media", media_file_mb=1)
    announced = await desk.upload("ann", "bob", b"x" * (MB + 1))
    streamed = await desk.upload("ann", "bob", stream_of(b"x" * MB, b"x"))
    for refused in (announced, streamed):
        assert (refused.status, refused.json["detail"]) == (413, "A file may have 1 MB at most")
    assert (await desk.upload("ann", "bob", stream_of(b"x" * MB))).status == 201
    assert (len(desk.blobs()), desk.left_over()) == (1, [])


async def test_one_person_uploads_so_much_a_day_and_in_all(desk: Desk) -> None:
    await desk.stop("media")
    await desk.start("media", media_file_mb=1, media_day_mb=2, media_person_mb=3)
    for place in range(2):
        await desk.uploaded("ann", "bob", bytes([place]) * MB)
    today = await desk.upload("ann", "bob", b"x")
    assert (today.status, today.json["code"], today.headers["Retry-After"]) == (429, "rate-limited", "3600")
    await desk.sql.execute("UPDATE media.received SET at = at - interval '25 hours'")
    full = await desk.upload("ann", "bob", b"x" * MB)
    assert (full.status, full.json["code"]) == (403, "over-quota")
    assert (await desk.upload("bob", "ann", b"x" * MB)).status == 201


async def test_nothing_is_left_of_what_is_refused_or_breaks_off(desk: Desk) -> None:
    for refused, status in (
        (await desk.upload("ann", "bob", b""), 422),
        (await desk.upload("ann", "bob", b"x", "\u202e/"), 422),
        (await desk.upload("ann", "nobody", b"x"), 404),
        (await desk.upload("ann", "ann", b"x"), 404),
    ):
        assert (refused.status, refused.headers["Content-Type"]) == (status, "application/problem+json")
    assert (desk.blobs(), desk.left_over()) == ([], [])
    assert await desk.sql.fetchval("SELECT count(*) FROM media.loose") == 0


async def test_an_upload_goes_on_while_another_media_starts_which_removes_only_what_is_old(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = desk.files / "incoming" / "left"

    async def begun() -> bool:
        return bool(desk.left_over())

    async def empty() -> bool:
        return not desk.left_over()

    async def meanwhile() -> AsyncIterator[bytes]:
        yield b"x" * MB
        await until(begun)
        left.write_bytes(b"of a process that died")
        await desk.start("media-2")
        yield b"y"

    assert (await desk.upload("ann", "bob", meanwhile())).status == 201
    assert desk.left_over() == [left]
    await desk.stop("media-2")
    monkeypatch.setattr(spool, "UNTOUCHED_FOR_S", 0.0)
    await desk.start("media-2")
    await until(empty)


async def test_a_store_that_takes_nothing_is_said_to_be_unavailable_and_counts_nothing(desk: Desk) -> None:
    (desk.files / "incoming").rmdir()
    full = await desk.upload("ann", "bob", b"x")
    assert (full.status, full.json["detail"]) == (503, "There is no room for files just now")
    assert await desk.sql.fetchval("SELECT count(*) FROM media.received") == 0


async def test_only_threads_may_claim(desk: Desk) -> None:
    body = b'{"owner":11,"peer":12,"ids":[]}'
    for program in ("gateway", "relay", "game", "notify"):
        headers = desk.tokens.program(program) | {"Content-Type": "application/json"}
        assert (await desk.bare("POST", "/internal/claim", headers, data=body)).status == 403
