"""What a file is, by its first bytes: never by what anybody says. Pure."""

from collections.abc import Callable

from shared.wire.attachments import OCTETS

WEBP = "image/webp"
"""What every photo becomes."""

SOUNDS = frozenset({"audio/ogg", "audio/webm", "audio/mp4", "audio/aac"})
INLINE = SOUNDS | {WEBP}
"""What a browser may show in its place."""

_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", WEBP, "image/avif", "image/heif"})
_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    **dict.fromkeys(
        (b"mif1", b"msf1", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevm", b"hevs"), "image/heif"
    ),
}
"""HEIF is a box for pictures of any kind: libvips is asked, and says no to what it has no decoder for, as HEVC."""


def is_picture(kind: str) -> bool:
    """Whether libvips may be asked to decode it."""
    return kind in _PICTURES


def type_of(head: bytes) -> str:
    """The type of a file that begins so; `application/octet-stream` for all that Duet does not show.

    head: of its first 64 KiB as many as there are.
    """
    return next((kind for begins, kind in _KNOWN if begins(head)), OCTETS)


def _starts(*beginnings: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(beginnings)


def _riff(form: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(b"RIFF") and head[8:12] == form


def _brand(kind: str) -> Callable[[bytes], bool]:
    return lambda head: head[4:8] == b"ftyp" and _BRANDS.get(head[8:12]) == kind


def _opus(head: bytes) -> bool:
    return head.startswith(b"OggS") and head[28:36] == b"OpusHead"


def _webm_sound(head: bytes) -> bool:
    """Matroska by the name of webm, with Opus in it and no picture."""
    return (
        head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head[:64] and b"A_OPUS" in head and b"V_" not in head
    )


def _mp4_sound(head: bytes) -> bool:
    """A movie with tracks of sound alone, as far as can be seen; or one that its brand calls so."""
    if head[4:8] != b"ftyp" or head[8:12] in _BRANDS:
        return False
    return head[8:12] in (b"M4A ", b"M4B ") or (b"soun" in head and b"vide" not in head)


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
    (_webm_sound, "audio/webm"),
    (_mp4_sound, "audio/mp4"),
    (_adts, "audio/aac"),
)
