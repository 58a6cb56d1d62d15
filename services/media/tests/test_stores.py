"""Both kinds of store, by the same tests: a directory, and a real S3 server."""

import base64
import itertools
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.media.blobs.directory import Directory
from services.media.blobs.files import Files
from services.media.blobs.keys import decode
from services.media.blobs.s3 import bucket
from services.media.blobs.sealing import CHUNK_BYTES
from services.media.blobs.spool import Spools
from services.media.blobs.store import Missing, Store
from services.media.tests.desk import Desk, photo
from shared.testing.product import free_port
from shared.wire.problems import Unavailable

KEYS = decode(base64.b64encode(bytes(range(32))).decode())
OTHER = decode(base64.b64encode(bytes(32)).decode())
SIZES = (1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 300_000)


@pytest.fixture(params=["directory", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "directory":
        yield Directory(tmp_path / "files")
        return
    async with bucket(request.getfixturevalue("s3_url")) as opened:
        yield opened


async def put(store: Store, directory: Path, content: bytes) -> str:
    """The key of a blob that holds this."""
    with Spools(directory / "incoming", KEYS).one() as spool:
        for start in range(0, len(content), 50_000):
            await spool.write(content[start : start + 50_000])
        await spool.finish()
        assert b"".join([chunk async for chunk in spool.chunks()]) == content
        assert spool.path.stat().st_size == spool.sealed_size
        await store.put(spool.key, spool.path)
        return spool.key


async def read(files: Files, key: str, size: int, start: int, stop: int) -> bytes:
    return b"".join([piece async for piece in files.read(key, size, start, stop)])


async def test_what_is_put_is_read_whole_and_in_parts_until_it_is_deleted(
    store: Store, tmp_path: Path
) -> None:
    files = Files(store, KEYS)
    for size in SIZES:
        content = os.urandom(size)
        key = await put(store, tmp_path, content)
        places = sorted({0, 1, size // 2, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, size - 1, size})
        for start, stop in [(0, size), *itertools.pairwise(places)]:
            if 0 <= start < stop <= size:
                assert await read(files, key, size, start, stop) == content[start:stop], (size, start, stop)
        for _ in range(2):
            await store.delete(key)
        with pytest.raises(Missing):
            await anext(store.read(key, 0, 1))
        with pytest.raises(Unavailable):
            await read(files, key, size, 0, size)


async def test_a_blob_that_was_changed_cut_off_or_sealed_with_another_key_is_never_given_out(
    store: Store, tmp_path: Path
) -> None:
    size = 2 * CHUNK_BYTES
    key = await put(store, tmp_path, os.urandom(size))
    sealed = b"".join([piece async for piece in store.read(key, 0, 10 * CHUNK_BYTES)])
    changed = bytearray(sealed)
    changed[100] ^= 1
    for damaged in (bytes(changed), sealed[:-1], b"DUET\x02" + sealed[5:]):
        file = tmp_path / "damaged"
        file.write_bytes(damaged)
        await store.put(key, file)
        with pytest.raises(Unavailable):
            await read(Files(store, KEYS), key, size, 0, size)
    file.write_bytes(sealed)
    await store.put(key, file)
    with pytest.raises(Unavailable):
        await read(Files(store, OTHER), key, size, 0, size)
    assert len(await read(Files(store, KEYS), key, size, 0, size)) == size


async def test_readiness_tells_whether_the_store_is_there(store: Store, s3_url: str) -> None:
    assert await store.check() == "ok"
    async with bucket(f"{s3_url}-not") as missing:
        assert await missing.check() == "degraded"


async def test_an_s3_takes_uploads_and_gives_them_and_its_absence_is_a_problem(
    desk: Desk, s3_url: str, s3_directory: Path
) -> None:
    await desk.stop("media")
    await desk.start("media", media_s3_url=s3_url)
    content = os.urandom(200_000)
    sent = await desk.uploaded("ann", "bob", content)
    seen = await desk.uploaded("ann", "bob", photo())
    assert (await desk.read("ann", sent["id"])).body == content
    part = await desk.read("ann", sent["id"], headers={"Range": "bytes=100000-100099"})
    assert (part.status, part.body) == (206, content[100_000:100_100])
    assert (await desk.read("ann", seen["id"], small=True)).status == 200
    assert desk.blobs() == []
    assert len(list((s3_directory / s3_url.rpartition("/")[2]).iterdir())) == 3
    await desk.stop("media")
    await desk.start("media", media_s3_url=f"http://an-id:a-key@127.0.0.1:{free_port()}/bucket")
    away = [await desk.read("ann", sent["id"]), await desk.upload("ann", "bob", b"x")]
    assert [(one.status, one.json["code"]) for one in away] == [(503, "unavailable")] * 2
    assert desk.left_over() == []
