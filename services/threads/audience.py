"""Who hears what of the heads feed: each link the threads of the people who are at its relay."""

from collections.abc import Collection, Sequence
from typing import Protocol

from shared.wire.log import Head


class Listener(Protocol):
    """A link, to the feed."""

    def beat(self, heads: list[Head], *, missed: bool = False, log: str = "") -> None:
        """Hears one beat."""

    async def finish(self) -> None:
        """Answers what is under way, then closes."""


class Audience:
    """links: all of them. One that has not said who is at its relay hears of everybody."""

    def __init__(self) -> None:
        self._users: dict[Listener, set[int] | None] = {}
        self._links: dict[int, tuple[Listener, ...]] = {}

    @property
    def links(self) -> Collection[Listener]:
        return self._users.keys()

    def join(self, link: Listener) -> None:
        self._users[link] = None

    def leave(self, link: Listener) -> None:
        self._remove(link, self._users.pop(link, None) or ())

    def here(self, link: Listener, came: Collection[int], gone: Collection[int]) -> None:
        """What a relay says of its users; with the first time, those who came are all who are there."""
        if (users := self._users.get(link)) is None:
            users = self._users[link] = set()
        alone = (link,)  # one for all who are nowhere else
        for user in came:
            if user not in users:
                users.add(user)
                others = self._links.get(user)
                self._links[user] = (*others, link) if others else alone
        left = users.intersection(gone)
        users -= left
        self._remove(link, left)

    def shares(self, heads: Sequence[Head]) -> dict[Listener, list[Head]]:
        """What each link is to hear of these, in their order. It costs a head as much as it has listeners."""
        told: dict[Listener, list[Head]] = {
            link: list(heads) if users is None else [] for link, users in self._users.items()
        }
        for head in heads:
            low, high = self._links.get(head.low, ()), self._links.get(head.high, ())
            for link in low:
                told[link].append(head)
            for link in high:
                if link not in low:
                    told[link].append(head)
        return told

    def _remove(self, link: Listener, users: Collection[int]) -> None:
        for user in users:
            if others := tuple(other for other in self._links[user] if other is not link):
                self._links[user] = others
            else:
                del self._links[user]
