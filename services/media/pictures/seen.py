"""What a worker says of a photo."""

from typing import Annotated

import msgspec
from msgspec import Meta

MAX_PIXELS = 90_000_000
Side = Annotated[int, Meta(ge=1, le=2048)]
Size = Annotated[int, Meta(ge=1, le=16 * 1024 * 1024)]


class Seen(msgspec.Struct, frozen=True, tag="seen"):
    """width, height: upright, of the larger of the two. thumb: as in an Attachment. Then come the bytes of both."""

    width: Side
    height: Side
    thumb: Annotated[str, Meta(max_length=64)]
    whole_bytes: Size
    small_bytes: Size


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """It cannot be decoded, or may not be. why: in the words of the library."""

    why: str


SeenOrRefused = Seen | Refused
