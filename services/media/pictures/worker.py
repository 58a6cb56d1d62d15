"""`python -m services.media.pictures.worker`: one photo on standard input, what becomes of it on standard output.

It knows nothing and can do nothing else: no setting, no file, little memory, some seconds. Whoever breaks libvips with
a photo of theirs has this process until it ends, and nobody else's photo comes to it.
"""

import base64
import os
import resource
import sys

import msgspec
import pyvips

from services.media.pictures.seen import MAX_PIXELS, Refused, Seen, SeenOrRefused
from shared.wire.attachments import THUMB_SIDE

_WHOLE_PX = 2048
_SMALL_PX = 480
_QUALITY = 82
_EFFORT = 3
_MEMORY_BYTES = 1024 * 1024 * 1024
_CPU_S = 15
_NICE = 10
"""Who sends a photo can wait; who chats should not have to."""

_LOADERS = ("Jpeg", "Png", "Webp", "Nsgif", "Heif")


def main() -> None:
    """Ends with the photo."""
    _confine()
    said, blobs = _answer(sys.stdin.buffer.read())
    head = msgspec.msgpack.encode(said)
    sys.stdout.buffer.write(len(head).to_bytes(2, "big") + head)
    for blob in blobs:
        sys.stdout.buffer.write(blob)
    sys.stdout.buffer.flush()


def _confine() -> None:
    os.nice(_NICE)
    for kind, most in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CPU, _CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    pyvips.operation_block_set("VipsForeignLoad", True)
    for loader in _LOADERS:
        pyvips.operation_block_set(f"VipsForeignLoad{loader}", False)
    pyvips.cache_set_max(0)


def _answer(photo: bytes) -> tuple[SeenOrRefused, list[bytes]]:
    try:
        seen, *blobs = _made(photo)
    except (pyvips.Error, MemoryError) as error:
        return Refused(str(error).strip()[:200]), []
    return seen, blobs


def _made(photo: bytes) -> tuple[Seen, bytes, bytes]:
    """Turned upright, in sRGB, without metadata. Of what moves, the first picture."""
    head = pyvips.Image.new_from_buffer(photo, "", access="sequential")
    if head.width * head.height > MAX_PIXELS:
        raise pyvips.Error(f"{head.width} by {head.height} pixels are too many")
    whole = pyvips.Image.thumbnail_buffer(
        photo, _WHOLE_PX, height=_WHOLE_PX, size="down", export_profile="srgb",
        option_string="[fail_on=truncated]",
    )  # fmt: skip
    whole = whole.colourspace("srgb").copy_memory()
    small = whole.thumbnail_image(_SMALL_PX, height=_SMALL_PX, size="down")
    blobs = [one.webpsave_buffer(Q=_QUALITY, effort=_EFFORT, keep="none") for one in (whole, small)]
    seen = Seen(whole.width, whole.height, _thumb(small), len(blobs[0]), len(blobs[1]))
    return seen, blobs[0], blobs[1]


def _thumb(small: pyvips.Image) -> str:
    """The colours of 4 by 4 fields."""
    plain = small.flatten(background=255) if small.hasalpha() else small
    fields = plain.thumbnail_image(THUMB_SIDE, height=THUMB_SIDE, size="force")
    return base64.b64encode(fields.cast("uchar").write_to_memory()).decode()


if __name__ == "__main__":
    main()
