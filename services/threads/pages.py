"""How much a page holds: what would be longer goes on with the next one. Pure."""

from collections.abc import Sequence
from typing import TypeVar

from services.threads.frames import Current, Event, written
from shared.wire import codec

MAX_PAGE_BYTES = 512 * 1024
"""Of the texts in a page, as they are sent. A page is read by one person, and held while it is sent to them."""

Item = TypeVar("Item", Event, Current)

_WORST = 6
"""Bytes of a character in JSON: U+0001 becomes six."""


def fitting(texts: Sequence[str]) -> int:
    """How many of these, from the first on, fit into a page: at least one."""
    if sum(map(len, texts)) * _WORST <= MAX_PAGE_BYTES:  # as nearly always
        return len(texts)
    size = 0
    for count, text in enumerate(texts):
        size += len(codec.encode(text))
        if size > MAX_PAGE_BYTES:
            return max(1, count)
    return len(texts)


def newest(events: Sequence[Item], limit: int) -> list[Item]:
    """The last `limit` of these that fit."""
    latest = events[-limit:]
    return list(latest[len(latest) - fitting([written(event) for event in reversed(latest)]) :])


def oldest(events: Sequence[Item], limit: int) -> list[Item]:
    """The first `limit` of these that fit."""
    first = events[:limit]
    return list(first[: fitting([written(event) for event in first])])


def window(events: Sequence[Item], around: int, limit: int) -> list[Item]:
    """`limit` of these, half of them before `around`, or what of them fits, the nearest first.

    Where one side has too few, the other gives more.
    """
    older = sum(event.seq < around for event in events)
    newer = len(events) - older
    start = max(0, older - max(limit // 2, limit - newer))
    shown = events[start : start + limit]
    by_distance = sorted(range(len(shown)), key=lambda place: abs(place - (older - start)))
    kept = by_distance[: fitting([written(shown[place]) for place in by_distance])]
    return [shown[place] for place in sorted(kept)]
