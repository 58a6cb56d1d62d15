"""Photos: what becomes of them, and what becomes of files that only say they are some."""

import base64
import os
import signal
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pyvips

from services.media.blobs.keys import decode
from services.media.blobs.spool import Spools
from services.media.pictures.pool import NotAPicture, Pictures
from services.media.tests.desk import Desk, opened, photo, stream_of
from shared.testing.heic import HEIC
from shared.wire.attachments import OCTETS

HERE = Path(__file__).parent


async def test_a_photo_is_kept_as_webp_in_two_sizes_without_what_its_camera_wrote(desk: Desk) -> None:
    large = opened(photo(2400, 1600)).copy()
    for name, value in (("exif-ifd0-Model", "Secret Camera"), ("exif-ifd3-GPSLatitude", "52/1 31/1 0/1")):
        large.set_type(pyvips.GValue.gstr_type, name, value)
    original = large.jpegsave_buffer()
    assert b"Secret Camera" in original
    sent = await desk.uploaded("ann", "bob", original, "IMG 1.JPG")
    assert (sent["name"], sent["type"], sent["width"], sent["height"]) == (
        "IMG 1.JPG",
        "image/webp",
        2048,
        1365,
    )
    whole, small = await desk.read("ann", sent["id"]), await desk.read("ann", sent["id"], small=True)
    assert len(whole.body) == sent["size"]
    for answer, size in ((whole, (2048, 1365)), (small, (480, 320))):
        assert answer.headers["Content-Type"] == "image/webp"
        assert answer.headers["Content-Disposition"] == "inline; filename*=UTF-8''IMG%201.webp"
        kept = opened(answer.body)
        assert ((kept.width, kept.height), kept.get("vips-loader")) == (size, "webpload_buffer")
        assert b"Secret" not in answer.body
        assert not [field for field in kept.get_fields() if field.startswith(("exif", "xmp", "iptc"))]
    assert len(desk.blobs()) == 2
    assert desk.left_over() == []


async def test_a_photo_is_turned_upright_and_its_thumb_has_its_colours(desk: Desk) -> None:
    lying = opened(photo(600, 400)).copy()
    lying.set_type(pyvips.GValue.gint_type, "orientation", 6)  # the camera was turned: red is at the top
    sent = await desk.uploaded("ann", "bob", lying.jpegsave_buffer())
    assert (sent["width"], sent["height"]) == (400, 600)
    fields = base64.b64decode(sent["thumb"])
    assert len(fields) == 48
    red, blue = fields[:3], fields[-3:]
    assert red[0] > 200 > 100 > red[2]
    assert blue[2] > 200 > 100 > blue[0]


async def test_whatever_form_a_photo_has_it_becomes_webp(desk: Desk) -> None:
    for form in (".png", ".gif", ".webp", ".avif"):
        sent = await desk.uploaded("ann", "bob", photo(60, 40, form), "looks like text.txt")
        assert (form, sent["type"], sent["width"], sent["height"]) == (form, "image/webp", 60, 40)
    for brand in (b"mif1", b"msf1", b"heic"):  # what is in it counts, which is AVIF
        content = photo(60, 40, ".avif").replace(b"ftypavif", b"ftyp" + brand, 1)
        assert (brand, (await desk.uploaded("ann", "bob", content))["type"]) == (brand, "image/webp")


def png_bomb(side: int) -> bytes:
    """A few KB that say they are side by side pixels."""
    row = b"\0" * (side // 8 + 1)
    squeeze = zlib.compressobj(9)
    data = b"".join(squeeze.compress(row) for _ in range(side)) + squeeze.flush()

    def part(name: bytes, content: bytes) -> bytes:
        check = zlib.crc32(name + content)
        return len(content).to_bytes(4, "big") + name + content + check.to_bytes(4, "big")

    size = side.to_bytes(4, "big") * 2
    return (
        b"\x89PNG\r\n\x1a\n" + part(b"IHDR", size + b"\1\0\0\0\0") + part(b"IDAT", data) + part(b"IEND", b"")
    )


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
NO_PHOTOS = {
    "svg with script": SVG,
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n",
    "truncated": photo(600, 400)[:3000],
    "only a head": b"\xff\xd8\xff\xe0 and then nothing of the kind",
    "bomb": png_bomb(20_000),
    "tiff": photo(60, 40, ".tif"),
    "heic of a phone": HEIC,
    "heif of a phone": HEIC.replace(b"ftypheic", b"ftypmif1", 1),
    "avif that ends early": photo(600, 400, ".avif")[:-200],
}


async def test_what_is_no_photo_stays_a_file_that_no_browser_shows(desk: Desk) -> None:
    for what, content in NO_PHOTOS.items():
        sent = await desk.uploaded("ann", "bob", content, "photo.jpg")
        assert (what, sent["type"], sent["size"]) == (what, OCTETS, len(content))
        answer = await desk.read("ann", sent["id"])
        assert answer.body == content
        assert answer.headers["Content-Type"] == OCTETS
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert (await desk.read("ann", sent["id"], small=True)).status == 404


async def test_of_a_photo_that_is_something_else_too_only_the_photo_is_left(desk: Desk) -> None:
    sent = await desk.uploaded("ann", "bob", photo() + b"PK\x03\x04 an archive <script>alert(1)</script>")
    body = (await desk.read("ann", sent["id"])).body
    assert sent["type"] == "image/webp"
    assert b"script" not in body
    assert b"PK\x03\x04" not in body


def spools(directory: Path) -> Spools:
    return Spools(directory / "incoming", decode(base64.b64encode(bytes(32)).decode()))


async def test_a_worker_that_hangs_is_killed_and_its_photo_is_none(tmp_path: Path) -> None:
    made = spools(tmp_path)
    async with Pictures(1, ["sleep", "1000"], within_s=0.2).running() as pictures:
        with pytest.raises(NotAPicture), made.one() as blank:
            await pictures.make(1, lambda: stream_of(b"x"), lambda: blank)


async def test_a_photo_whose_worker_is_killed_goes_to_another_one(tmp_path: Path) -> None:
    made, tried = spools(tmp_path), 0

    async with Pictures(1).running() as pictures:

        async def content() -> AsyncIterator[bytes]:
            """Reading it kills the first worker."""
            nonlocal tried
            tried += 1
            if tried == 1:
                os.kill(pictures.pids[0], signal.SIGKILL)
            yield photo()

        with made.one() as whole, made.one() as small:
            blanks = iter([whole, small])
            seen, *_ = await pictures.make(1, content, lambda: next(blanks))
        assert (tried, seen.width) == (2, 600)


async def test_a_photo_that_kills_every_worker_is_none(tmp_path: Path) -> None:
    made = spools(tmp_path)
    async with Pictures(1, ["false"]).running() as pictures:
        with pytest.raises(NotAPicture), made.one() as blank:
            await pictures.make(1, lambda: stream_of(b"x"), lambda: blank)
