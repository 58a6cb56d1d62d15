"""The files of a backup: those of its moment, whatever happens meanwhile, and back again whole or not at all."""

import asyncio
import shutil
from typing import Any

import pytest

from services.media import backup
from services.media.blobs import keys
from services.media.blobs.s3 import bucket
from services.media.config import Config
from services.media.tests.desk import Desk, photo


def config(desk: Desk, **settings: Any) -> Config:
    told: dict[str, Any] = {
        "listen": "unix:/nowhere",
        "keys_dir": desk.directory / "keys",
        "postgres_url": desk.database_url,
        "threads_url": "unix:/nowhere",
        "media_dir": desk.files,
    }
    return Config(**{**told, **settings})


async def named(desk: Desk) -> list[str]:
    rows = await desk.sql.fetch("SELECT unnest(ARRAY[whole, small]) AS key FROM media.attachments")
    return [row["key"] for row in rows if row["key"]]


async def test_a_backup_has_every_file_of_its_moment_also_when_a_message_is_deleted_meanwhile(
    desk: Desk,
) -> None:
    sent = await desk.uploaded("ann", "bob", photo())
    seq = await desk.send("ann", "bob", sent["id"])
    await desk.follow()
    wanted, loop = await named(desk), asyncio.get_running_loop()

    async def meanwhile() -> None:
        await desk.delete("ann", "bob", seq)
        await desk.follow()
        assert (await desk.read("ann", sent["id"])).status == 404

    def dump() -> None:
        asyncio.run_coroutine_threadsafe(meanwhile(), loop).result(30)

    saved = desk.directory / "saved"
    await backup.save(config(desk), saved, dump)
    await desk.clean()
    assert desk.blobs() == []
    await backup.load(config(desk), saved, wanted)
    assert sorted(path.name for path in desk.blobs()) == sorted(wanted)
    assert {path.stat().st_mode & 0o077 for path in saved.rglob("*") if path.is_file()} == {0}
    await backup.prune(config(desk))
    assert desk.blobs() == [], "no row knows them"


async def test_files_come_back_to_an_installation_with_another_key_and_to_an_s3(
    desk: Desk, s3_url: str
) -> None:
    sent = await desk.uploaded("ann", "bob", b"content")
    saved = desk.directory / "saved"
    await backup.save(config(desk), saved, lambda: None)
    await desk.stop("media")
    shutil.rmtree(desk.files)
    (desk.directory / "keys" / keys.NAME).unlink()
    for settings in ({"media_s3_url": s3_url}, {}):
        await backup.load(config(desk, **settings), saved, await named(desk))
        await desk.start("media", **settings)
        assert (await desk.read("ann", sent["id"])).body == b"content"
        await desk.stop("media")
    again = desk.directory / "again"
    await backup.save(config(desk, media_s3_url=s3_url), again, lambda: None)
    assert len([path for path in again.rglob("*") if path.is_file()]) == 2
    await desk.sql.execute("DELETE FROM media.attachments")
    await backup.prune(config(desk, media_s3_url=s3_url))
    async with bucket(s3_url) as emptied:
        assert [key async for key in emptied.listing()] == []


async def test_a_backup_that_lacks_files_or_has_damaged_ones_changes_nothing(desk: Desk) -> None:
    await desk.uploaded("ann", "bob", b"content")
    saved, [blob] = desk.directory / "saved", await named(desk)
    await backup.save(config(desk), saved, lambda: None)
    desk.blobs()[0].unlink()
    [file] = [path for path in saved.rglob(blob) if path.is_file()]
    content = file.read_bytes()
    for damage in (lambda: file.write_bytes(content[:-1]), file.unlink):
        damage()
        with pytest.raises(backup.Incomplete):
            await backup.load(config(desk), saved, [blob])
        assert desk.blobs() == []


async def test_media_does_not_start_without_the_key_that_its_files_were_sealed_with(desk: Desk) -> None:
    await desk.stop("media")
    (desk.directory / "keys" / keys.NAME).unlink()
    with pytest.raises(SystemExit, match="sealed with a key that is not in"):
        await desk.start("media")
