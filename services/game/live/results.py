"""What finished games count for: the score of the two, a member's tally against the AI. The caller owns the
transaction."""

from msgspec.structs import replace

from services.game.live.record import Pair, Record, winner_of
from services.game.live.state import against_ai, between_people
from shared.plumbing.postgres.database import Connection
from shared.wire.games import Game, Score, Tally
from shared.wire.tictactoe import Level

_SCORE = "SELECT low_wins, high_wins, draws FROM scores WHERE low = $1 AND high = $2"
_COUNT = """
INSERT INTO scores AS s (low, high, low_wins, high_wins, draws) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (low, high) DO UPDATE SET low_wins = s.low_wins + excluded.low_wins,
    high_wins = s.high_wins + excluded.high_wins, draws = s.draws + excluded.draws
RETURNING low_wins, high_wins, draws
"""
_TALLIES = "SELECT level, wins, losses, draws FROM tallies WHERE low = $1 AND high = $2 AND person = $3"
_COUNT_AGAINST_AI = """
INSERT INTO tallies AS t (low, high, person, level, wins, losses, draws) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (low, high, person, level) DO UPDATE SET wins = t.wins + excluded.wins,
    losses = t.losses + excluded.losses, draws = t.draws + excluded.draws
RETURNING wins, losses, draws
"""


async def score(conn: Connection, pair: Pair) -> Score:
    row = await conn.fetchrow(_SCORE, pair.low, pair.high)
    return pair.score(*(row or (0, 0, 0)))


async def tallies(conn: Connection, pair: Pair, person: int) -> dict[Level, Tally]:
    """A member's tally against each level that has finished a game in this thread."""
    rows = await conn.fetch(_TALLIES, pair.low, pair.high, person)
    return {level: Tally(*counts) for level, *counts in rows}


async def begun(conn: Connection, pair: Pair, game: Game) -> Game:
    """A new game with the tally of the member who plays the AI in it, if one does."""
    if (seated := against_ai(game)) is None:
        return game
    name, level = seated
    known = await tallies(conn, pair, pair.id_of(name))
    return replace(game, against_ai=known.get(level, Tally()))


async def counted(conn: Connection, record: Record, game: Game) -> Game:
    """A finished game with the score and tally after it."""
    pair, winner = record.pair, winner_of(game)
    if between_people(game):
        wins = (int(winner == pair.low_name), int(winner == pair.high_name), int(winner is None))
        row = await conn.fetchrow(_COUNT, pair.low, pair.high, *wins)
        return replace(game, score=pair.score(*row))
    if (seated := against_ai(game)) is None:
        return game
    name, level = seated
    drawn, won = game.status == "draw", winner == name
    counts = (int(won), int(not won and not drawn), int(drawn))
    row = await conn.fetchrow(_COUNT_AGAINST_AI, pair.low, pair.high, pair.id_of(name), level, *counts)
    return replace(game, against_ai=Tally(*row))
