"""Names to user ids, from threads. Neither ever changes."""

from services.game.live.record import Pair
from shared.plumbing.identity import User
from shared.plumbing.rpc import Peer
from shared.wire.ids import fold, is_username
from shared.wire.log import Resolve, ResolvedThreads
from shared.wire.problems import NotFound

_MAX_REMEMBERED = 100_000


class People:
    """Asks threads for names that it does not know yet; for unknown people it asks each time."""

    def __init__(self, threads: Peer) -> None:
        self._threads = threads
        self._ids: dict[str, int] = {}

    async def pair(self, user: User, peer_name: str) -> Pair:
        """The members of the thread with `peer_name`. Raises NotFound for an unknown name and for one's own."""
        name = fold(peer_name)
        if name == user.username:
            raise NotFound("That is you")
        if not is_username(name):
            raise NotFound("Nobody has this name")
        peer = self._ids.get(name) or await self._ask(user, name)
        return Pair.of(user.id, user.username, peer, name)

    async def _ask(self, user: User, name: str) -> int:
        answer = await self._threads.call(
            "POST", "/internal/resolve", Resolve(user.id, [name]), of=ResolvedThreads, idempotent=True
        )
        peer = answer.threads[0].peer
        if peer is None:
            raise NotFound("Nobody has this name")
        if len(self._ids) >= _MAX_REMEMBERED:
            self._ids.clear()
        self._ids[name] = peer
        return peer
