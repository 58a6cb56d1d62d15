"""How long a sound is, where its file tells it. Pure."""

import struct
from collections.abc import Callable, Mapping

_OPUS_RATE = 48_000
_LONGEST_S = 24 * 3600.0
_OGG_GRANULE_AT = 6
_OPUS_SKIP_AT = 10
_WEBM_DURATION = b"\x44\x89"
_WEBM_MS = b"\x2a\xd7\xb1\x83\x0f\x42\x40"
"""The usual scale: a duration counts milliseconds."""


def duration(kind: str, first: bytes, last: bytes) -> float | None:
    """In seconds; None if the file does not say. first, last: of its bytes, 64 KiB or all."""
    told = _TOLD_BY.get(kind)
    try:
        seconds = told(first, last) if told else None
    except struct.error:  # it ends where it should go on
        return None
    return round(seconds, 2) if seconds and 0 < seconds <= _LONGEST_S else None


def _opus(first: bytes, last: bytes) -> float | None:
    """The last page says how many samples there are; the head, how many of the first are not to be heard."""
    page, head = last.rfind(b"OggS"), first.find(b"OpusHead")
    if page < 0 or head < 0:
        return None
    (samples,) = struct.unpack_from("<q", last, page + _OGG_GRANULE_AT)
    (skipped,) = struct.unpack_from("<H", first, head + _OPUS_SKIP_AT)
    return float(samples - skipped) / _OPUS_RATE


def _mp4(first: bytes, last: bytes) -> float | None:
    """The movie's head, which is at the beginning or at the end. One that was written while recording says 0."""
    for part in (first, last):
        place = part.find(b"mvhd")
        if place >= 0:
            form, where = (">IQ", 24) if part[place + 4] else (">II", 16)
            scale, units = struct.unpack_from(form, part, place + where)
            return float(units) / scale if scale else None
    return None


def _webm(first: bytes, last: bytes) -> float | None:
    place = first.find(_WEBM_DURATION)
    if place < 0 or _WEBM_MS not in first:
        return None
    form = {0x84: ">f", 0x88: ">d"}.get(first[place + 2])
    return float(struct.unpack_from(form, first, place + 3)[0]) / 1000 if form else None


_TOLD_BY: Mapping[str, Callable[[bytes, bytes], float | None]] = {
    "audio/ogg": _opus,
    "audio/mp4": _mp4,
    "audio/webm": _webm,
}
