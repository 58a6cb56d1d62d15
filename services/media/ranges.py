"""The Range header (RFC 9110, 14): one range of bytes, or the whole. Pure."""

import re

_ONE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})\Z")


def asked_for(header: str | None, size: int) -> tuple[int, int] | None:
    """Start and stop; None for the whole: whoever serves may ignore a range that it does not like."""
    match = _ONE.match(header or "")
    if match is None or match[0] == "bytes=-":
        return None
    first, last = match[1], match[2]
    if not first:
        return (max(0, size - int(last)), size) if int(last) else None
    start, stop = int(first), min(int(last) + 1, size) if last else size
    return (start, stop) if start < stop else None
