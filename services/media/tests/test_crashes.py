"""media ends, or is killed at any step of an upload or a deletion: no message without its file, nor the other way."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from services.media.tests.desk import Answer, Desk, laid, photo, until
from shared.wire.ids import uuid7

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def desk(tmp_path: Path, database_url: str, clean_redis_url: str) -> AsyncIterator[Desk]:
    """Without media: each of its lives is a process of its own."""
    async with laid(tmp_path, database_url, clean_redis_url) as ready:
        yield ready


@contextlib.asynccontextmanager
async def living(desk: Desk, dies_at: str = "") -> AsyncIterator[asyncio.subprocess.Process]:
    """media as a process, until it dies or the block ends."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DUET_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.media", cwd=ROOT,
        env={
            **inherited,
            "DUET_LISTEN": f"unix:{desk.path('media')}",
            "DUET_KEYS_DIR": str(desk.directory / "keys"),
            "DUET_POSTGRES_URL": desk.database_url,
            "DUET_THREADS_URL": f"unix:{desk.path('threads')}",
            "DUET_MEDIA_DIR": str(desk.files),
            "DUET_MEDIA_WORKERS": "1",
            "DUET_FAILPOINTS": f"{dies_at}=kill" if dies_at else "",
        },
    )  # fmt: skip
    desk.join("media")
    try:
        await until(lambda: _answers(desk))
        yield process
        if dies_at:
            async with asyncio.timeout(30):
                await process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await desk.leave("media")


async def _answers(desk: Desk) -> bool:
    try:
        return (await desk.bare("GET", "/health/ready", {})).status == 200
    except aiohttp.ClientError:
        return False


async def _drains(desk: Desk) -> bool:
    return (await desk.bare("GET", "/health/ready?draining=404", {})).status == 404


async def test_who_is_asked_to_end_finishes_a_file_first_and_serves_meanwhile(desk: Desk) -> None:
    async def begun() -> bool:
        return bool(desk.left_over())

    async with living(desk) as process:

        async def meanwhile() -> AsyncIterator[bytes]:
            yield bytes(100_000)
            await until(begun)
            process.terminate()
            await until(lambda: _drains(desk))
            yield bytes(100_000)

        assert (await desk.upload("ann", "bob", meanwhile())).status == 201
        async with asyncio.timeout(30):
            assert await process.wait() == 0


async def test_a_crash_at_any_step_leaves_neither_an_orphan_nor_a_message_without_its_file(
    desk: Desk,
) -> None:
    client_id = uuid7()

    async def upload() -> Answer:
        return await desk.upload("ann", "bob", photo(), client_id=client_id)

    for step in ("media.after_put", "media.after_kept"):
        async with living(desk, step):
            with pytest.raises(aiohttp.ClientError):
                await upload()
    async with living(desk, "media.before_followed"):
        again = await upload()
        assert again.status == 200, "the crash came after it was kept"
        id = again.json["id"]
        seq = await desk.send("ann", "bob", id)
    async with living(desk, "media.after_delete"):
        assert (await desk.read("bob", id)).status == 200
        await desk.sql.execute("UPDATE media.loose SET due = now()")  # what the crashes left on the way in
    async with living(desk):
        await until(lambda: desk.is_settled())
        assert len(desk.blobs()) == 2
        assert (await desk.read("bob", id, small=True)).status == 200
        await desk.delete("ann", "bob", seq)
        await until(lambda: desk.is_settled(blobs=0))
        assert (await desk.read("bob", id)).status == 404
