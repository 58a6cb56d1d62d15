"""What a moment of the database has seen of the transactions, so that what came later is found by two look-ups.

A watermark would stand still while one transaction is open, and everything behind it would be read again and again.
"""

from collections.abc import Collection

import msgspec


class Snapshot(msgspec.Struct, frozen=True):
    """A pg_snapshot. end: the first transaction of the future (its xmax). open: those before it that had not ended."""

    end: int
    open: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> "Snapshot":
        """PostgreSQL's own form: `xmin:xmax:xip,xip`."""
        _, end, under_way = text.split(":")
        return cls(int(end), frozenset(map(int, filter(None, under_way.split(",")))))

    def __str__(self) -> str:
        under_way = sorted(self.open)
        return f"{min([*under_way, self.end])}:{self.end}:{','.join(map(str, under_way))}"

    def with_first(self, seen: Collection[int], now: "Snapshot") -> "Snapshot":
        """Of what `now` sees and this one does not, also those that are `seen`: the first of them, by their ids."""
        last = max(seen)
        if last < self.end:
            return Snapshot(self.end, self.open.difference(seen))
        return Snapshot(last + 1, frozenset(xid for xid in now.open if xid <= last))
