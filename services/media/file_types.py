"""What a file is, by its first bytes: never by what anybody says. Pure."""

from collections.abc import Callable

from shared.wire.attachments import OCTETS

HEAD_BYTES = 64
WEBP = "image/webp"
"""What every photo becomes."""

SOUNDS = frozenset({"audio/ogg", "audio/webm", "audio/mp4", "audio/aac"})
INLINE = SOUNDS | {WEBP}
"""What a browser may show in its place."""

_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", WEBP, "image/avif", "image/heif"})
_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heif",
    b"heix": "image/heif",
    b"mif1": "image/heif",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
}


def is_picture(kind: str) -> bool:
    """Whether libvips may be asked to decode it."""
    return kind in _PICTURES


def type_of(head: bytes) -> str:
    """The type of a file that begins so; `application/octet-stream` for all that Duet does not show."""
    return next((kind for begins, kind in _KNOWN if begins(head)), OCTETS)


def _starts(*beginnings: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(beginnings)


def _riff(form: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(b"RIFF") and head[8:12] == form


def _brand(kind: str) -> Callable[[bytes], bool]:
    return lambda head: head[4:8] == b"ftyp" and _BRANDS.get(head[8:12]) == kind


def _opus(head: bytes) -> bool:
    return head.startswith(b"OggS") and head[28:36] == b"OpusHead"


def _adts(head: bytes) -> bool:
    """AAC in frames of its own: twelve bits of sync, layer 0."""
    return len(head) > 2 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0


_KNOWN: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (_starts(b"\xff\xd8\xff"), "image/jpeg"),
    (_starts(b"\x89PNG\r\n\x1a\n"), "image/png"),
    (_starts(b"GIF87a", b"GIF89a"), "image/gif"),
    (_riff(b"WEBP"), WEBP),
    (_brand("image/avif"), "image/avif"),
    (_brand("image/heif"), "image/heif"),
    (_opus, "audio/ogg"),
    (_brand("audio/mp4"), "audio/mp4"),
    (_adts, "audio/aac"),
)
