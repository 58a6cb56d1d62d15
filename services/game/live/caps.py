"""How many games may be open in a thread, and with the AI for one person. The caller owns the transaction."""

from services.game.live.record import Pair
from services.game.live.state import ai_seats
from shared.plumbing.postgres.database import Connection
from shared.wire.games import Game
from shared.wire.problems import TooManyGames

MAX_OPEN = 10
"""Games offered or being played in one thread."""
MAX_WITH_AI = 10
"""Games that one person began, in all threads, in which the AI has a seat."""
MAX_SELF_PLAY = 3
"""Those of them in which it has both seats: they cost time without anybody moving."""

_COUNT_OPEN = "SELECT count(*) FROM games WHERE low = $1 AND high = $2 AND open"
_COUNT_WITH_AI = """
SELECT count(*), count(*) FILTER (WHERE ai_seats = 2) FROM games WHERE offered_by = $1 AND open AND ai_seats > 0
"""
# Offers that count together go one after another; concurrent ones would not see each other. The thread's lock is
# always taken before the person's, so that two offers cannot deadlock.
_ONE_AT_A_TIME_IN_THREAD = "SELECT pg_advisory_xact_lock(hashtextextended('games of ' || $1::bigint, $2))"
_ONE_AT_A_TIME_WITH_AI = "SELECT pg_advisory_xact_lock(hashtextextended('games with the AI', $1))"


async def check(conn: Connection, pair: Pair, game: Game, user: int) -> None:
    """Raises TooManyGames if `user` may not begin this game on top of those that are open."""
    await conn.execute(_ONE_AT_A_TIME_IN_THREAD, pair.low, pair.high)
    if await conn.fetchval(_COUNT_OPEN, pair.low, pair.high) >= MAX_OPEN:
        raise TooManyGames(f"At most {MAX_OPEN} in a thread: finish or withdraw one first.")
    if not ai_seats(game):
        return
    await conn.execute(_ONE_AT_A_TIME_WITH_AI, user)
    with_ai, self_play = await conn.fetchrow(_COUNT_WITH_AI, user)
    if with_ai >= MAX_WITH_AI:
        raise TooManyGames(f"At most {MAX_WITH_AI} with the AI, in all threads together: finish one first.")
    if ai_seats(game) == 2 and self_play >= MAX_SELF_PLAY:
        raise TooManyGames(
            f"At most {MAX_SELF_PLAY} of the AI with itself, in all threads together: end one first."
        )
