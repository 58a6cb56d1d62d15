"""What messages name stays, and goes with the last of them; what none names goes after a day."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.media.keys import SWEEPER
from services.media.tests.desk import Desk, photo


@asynccontextmanager
async def media_reads_nothing(desk: Desk) -> AsyncIterator[None]:
    """Its position is locked, so that the log goes on without it."""
    async with desk.sql.transaction():
        await desk.sql.execute("LOCK TABLE media.installation IN ACCESS EXCLUSIVE MODE")
        yield


async def test_a_file_goes_with_the_last_message_that_names_it(desk: Desk) -> None:
    id = (await desk.uploaded("ann", "bob", photo()))["id"]
    first, second = await desk.send("ann", "bob", id, text="look"), await desk.send("ann", "bob", id)
    await desk.follow()
    assert await desk.sql.fetchval("SELECT count(*) FROM media.names") == 2
    await desk.delete("ann", "bob", first)
    await desk.follow()
    assert (await desk.read("bob", id)).status == 200
    await desk.delete("ann", "bob", second)
    await desk.follow()
    assert [
        (await desk.read(who, id, small)).status for who in ("ann", "bob") for small in (False, True)
    ] == [404] * 4
    assert desk.blobs() == []
    assert await desk.sql.fetchval("SELECT count(*) FROM media.loose") == 0


async def test_what_no_message_names_within_a_day_goes_and_what_one_does_stays(desk: Desk) -> None:
    named, unnamed, claimed = [(await desk.uploaded("ann", "bob", b"x"))["id"] for _ in range(3)]
    await desk.send("ann", "bob", named)
    await desk.follow()
    sweeper = desk.app("media")[SWEEPER]
    await desk.ages(hours=23)
    await sweeper.sweep_unnamed()
    assert (await desk.read("ann", unnamed)).status == 200
    await desk.ages(hours=2)
    await desk.claim("ann", "bob", claimed)  # for a message that is on its way
    await sweeper.sweep_unnamed()
    await desk.clean()
    assert [(await desk.read("ann", id)).status for id in (named, unnamed, claimed)] == [200, 404, 200]
    assert len(desk.blobs()) == 2
    refused = await desk.claim("ann", "bob", unnamed)
    assert (refused.status, refused.json["errors"][0]["detail"]) == (422, "is no upload of yours, or is gone")


async def test_a_message_deleted_before_the_log_was_read_takes_its_file_along(desk: Desk) -> None:
    id = (await desk.uploaded("ann", "bob", b"x"))["id"]
    kept = (await desk.uploaded("ann", "bob", b"y"))["id"]
    async with media_reads_nothing(desk):
        await desk.delete("ann", "bob", await desk.send("ann", "bob", id))
    await desk.follow()
    await desk.claim("ann", "bob", kept)  # for another message, later
    assert (await desk.read("ann", id)).status == 200
    await desk.sql.execute("UPDATE media.doubts SET at = at - interval '31 s'")
    await desk.sql.execute(
        "UPDATE media.attachments SET claimed_at = claimed_at - interval '31 s' WHERE id = $1", id
    )
    await desk.follow()
    assert (await desk.read("ann", id)).status == 404
    assert (await desk.read("ann", kept)).status == 200
    assert await desk.sql.fetchval("SELECT count(*) FROM media.doubts") == 0


async def test_a_gap_in_the_log_is_made_good_by_comparing_with_the_threads(desk: Desk) -> None:
    deleted, missed, other = [(await desk.uploaded("ann", "bob", b"x"))["id"] for _ in range(3)]
    seq = await desk.send("ann", "bob", deleted)
    await desk.send("ann", "bob", other)
    await desk.follow()
    async with media_reads_nothing(desk):
        await desk.delete("ann", "bob", seq)
        await desk.send("ann", "bob", missed)
        await desk.sql.execute(
            "UPDATE threads.consumers SET done = pg_current_snapshot(), gaps = gaps + 1 WHERE program = 'media'"
        )
    await desk.follow()
    await desk.ages(hours=48)
    await desk.app("media")[SWEEPER].sweep_unnamed()
    await desk.clean()
    assert [(await desk.read("bob", id)).status for id in (deleted, missed, other)] == [404, 200, 200]


async def test_nobody_names_what_is_not_theirs(desk: Desk) -> None:
    id = (await desk.uploaded("ann", "bob", b"x"))["id"]
    body = {"client_id": "0198a9a0-0000-7000-8000-000000000001", "text": "", "attachments": [{"id": id}]}
    for who, peer in (("bob", "ann"), ("eve", "ann"), ("ann", "eve")):
        answer = await desk.call(who, "POST", f"/api/threads/{peer}/messages", at="threads", json=body)
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/attachments/0/id")


async def test_blobs_are_deleted_while_threads_is_away_and_none_while_a_backup_is_made(desk: Desk) -> None:
    await desk.uploaded("ann", "bob", b"x")
    await desk.stop("threads")
    await desk.ages(hours=25)
    lock = "SELECT pg_advisory_{}lock(hashtext('duet.media.backup'))"
    await desk.sql.execute(lock.format(""))
    await desk.app("media")[SWEEPER].sweep_unnamed()
    await desk.clean()
    assert len(desk.blobs()) == 1
    await desk.sql.execute(lock.format("un"))
    async with asyncio.timeout(20):
        while desk.blobs():
            await asyncio.sleep(0.05)
