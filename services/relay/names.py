"""Usernames and ids never change, so a node remembers those it has met."""

from collections import OrderedDict

_MAX_NAMES = 100_000


class Names:
    """Folded username -> user id; the least recently used go first."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, int] = OrderedDict()

    def learn(self, name: str, id: int) -> None:
        self._ids[name] = id
        self._ids.move_to_end(name)
        if len(self._ids) > _MAX_NAMES:
            self._ids.popitem(last=False)

    def id_of(self, name: str) -> int | None:
        """None: not met so far; there may be such a user."""
        if (id := self._ids.get(name)) is not None:
            self._ids.move_to_end(name)
        return id
