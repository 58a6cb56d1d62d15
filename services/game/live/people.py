"""The members of a thread, by the name that one of them gives for the other."""

from services.game.live.record import Pair
from shared.plumbing.http.rpc import Peer
from shared.plumbing.identity import User
from shared.plumbing.names import Names
from shared.wire.ids import fold


class People:
    """threads: who knows them."""

    def __init__(self, threads: Peer) -> None:
        self._names = Names(threads)

    async def pair(self, user: User, peer_name: str) -> Pair:
        """The members of the thread with `peer_name`. Raises NotFound for an unknown name and for one's own."""
        peer = await self._names.peer(user, peer_name)
        return Pair.of(user.id, user.username, peer, fold(peer_name))
