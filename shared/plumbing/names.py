"""Names to user ids, as threads tells them to other programs. Neither ever changes."""

from shared.plumbing.http.rpc import Peer
from shared.plumbing.identity import User
from shared.plumbing.remembered import Remembered
from shared.wire.ids import fold, is_username
from shared.wire.log_calls import Resolve, ResolvedThreads
from shared.wire.problems import NotFound

_MAX_REMEMBERED = 100_000


class Names:
    """Asks threads for names that it does not know yet; for unknown people it asks each time."""

    def __init__(self, threads: Peer) -> None:
        self._threads = threads
        self._ids: Remembered[str, int] = Remembered(_MAX_REMEMBERED)

    async def peer(self, user: User, peer_name: str) -> int:
        """Whom `user` writes to. Raises NotFound for an unknown name and for one's own."""
        name = fold(peer_name)
        if name == user.username:
            raise NotFound("That is you")
        if not is_username(name):
            raise NotFound("Nobody has this name")
        return self._ids.get(name) or await self._ask(user, name)

    async def _ask(self, user: User, name: str) -> int:
        answer = await self._threads.call(
            "POST", "/internal/resolve", Resolve(user.id, [name]), of=ResolvedThreads, idempotent=True
        )
        peer = answer.threads[0].peer
        if peer is None:
            raise NotFound("Nobody has this name")
        self._ids.put(name, peer)
        return peer
