"""What members see of their games."""

from uuid import UUID

from services.game.live import queries, results
from services.game.live.people import People
from services.game.live.record import for_member
from shared.plumbing.identity import User
from shared.plumbing.postgres.database import Database
from shared.wire.games import GamesQuery, MyGames, MyGamesQuery, ThreadGame, ThreadGames
from shared.wire.ids import MAX_SEQ


class Listing:
    """Reads only."""

    def __init__(self, database: Database, people: People) -> None:
        self._database = database
        self._people = people

    async def one(self, user: User, id: UUID) -> ThreadGame:
        """Raises NotFound, also for a game of other people."""
        async with self._database.connection() as conn:
            return for_member(await queries.one(conn, id), user.id).seen_by(user.id)

    async def of_thread(self, user: User, peer_name: str, query: GamesQuery) -> ThreadGames:
        """The games, open, begun within a range of seqs, or finished; and the score. Raises NotFound."""
        pair = await self._people.pair(user, peer_name)
        async with self._database.connection() as conn:
            if query.from_ is None and query.to is None and query.phase == "any":
                found = await queries.open_of_pair(conn, pair, query.limit)
            else:
                first, last = query.from_ or 0, MAX_SEQ if query.to is None else query.to
                finished = query.phase == "finished"
                found = await queries.in_range(conn, pair, first, last, query.limit, finished=finished)
            score = await results.score(conn, pair)
            tallies = await results.tallies(conn, pair, user.id)
        return ThreadGames([record.seen_by(user.id) for record in found], score, tallies)

    async def mine(self, user: User, query: MyGamesQuery) -> MyGames:
        """The user's open games, or only those waiting for the user."""
        async with self._database.connection() as conn:
            found = await queries.open_of_user(conn, user.id, waiting=query.turn == "mine")
        return MyGames([record.seen_by(user.id) for record in found])
