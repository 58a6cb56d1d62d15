"""Usernames and ids never change, so a node caches those it has met."""

from shared.plumbing.remembered import Remembered

_MAX_NAMES = 100_000


class Names:
    """Folded username -> user id."""

    def __init__(self) -> None:
        self._ids: Remembered[str, int] = Remembered(_MAX_NAMES)

    def learn(self, name: str, id: int) -> None:
        self._ids.put(name, id)

    def forget(self) -> None:
        """A part of everything is lost, perhaps accounts, too."""
        self._ids.clear()

    def id_of(self, name: str) -> int | None:
        """None if not met yet; there may still be such a user."""
        return self._ids.get(name)
