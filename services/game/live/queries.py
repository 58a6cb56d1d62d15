"""SQL for the live games. The caller owns the transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.game.live.record import Pair, Record
from services.game.live.state import against_ai, ai_seats
from shared.plumbing.postgres.database import Connection
from shared.wire import codec
from shared.wire.games import Game, Tally

MAX_GAMES = 200
_ONE = """
SELECT low, high, low_name, high_name, state, seq, low_wins, high_wins, draws, tally FROM scored WHERE id = $1
"""
_LOCK = """
SELECT g.low, g.high, g.low_name, g.high_name, g.state, g.seq,
    coalesce(s.low_wins, 0), coalesce(s.high_wins, 0), coalesce(s.draws, 0),
    CASE WHEN g.level IS NOT NULL THEN ARRAY[coalesce(t.wins, 0), coalesce(t.losses, 0), coalesce(t.draws, 0)] END,
    clock_timestamp()
FROM games AS g LEFT JOIN scores AS s ON s.low = g.low AND s.high = g.high
LEFT JOIN tallies AS t ON t.low = g.low AND t.high = g.high AND t.person = g.person AND t.level = g.level
WHERE g.id = $1 FOR NO KEY UPDATE OF g
"""
_BY_CLIENT_ID = """
SELECT low, high, low_name, high_name, state, seq, low_wins, high_wins, draws, tally, asked
FROM scored WHERE offered_by = $1 AND client_id = $2
"""
_REMATCH = """
SELECT low, high, low_name, high_name, state, seq, low_wins, high_wins, draws, tally
FROM scored WHERE rematch_of = $1 ORDER BY open DESC, changed_at DESC LIMIT 1
"""
_OPEN_OF_PAIR = """
SELECT low, high, low_name, high_name, state, seq, low_wins, high_wins, draws, tally
FROM scored WHERE low = $1 AND high = $2 AND open ORDER BY seq LIMIT $3
"""
_IN_RANGE = """
SELECT * FROM (
    SELECT low, high, low_name, high_name, state, seq, low_wins, high_wins, draws, tally
    FROM scored WHERE low = $1 AND high = $2 AND seq BETWEEN $3 AND $4 ORDER BY seq DESC LIMIT $5
) AS newest ORDER BY seq
"""
_FINISHED_IN_RANGE = """
SELECT * FROM (
    SELECT low, high, low_name, high_name, state, seq, low_wins, high_wins, draws, tally
    FROM scored WHERE low = $1 AND high = $2 AND seq BETWEEN $3 AND $4 AND finished ORDER BY seq DESC LIMIT $5
) AS newest ORDER BY seq
"""
_OPEN_OF_USER = """
SELECT low, high, low_name, high_name, state, seq, low_wins, high_wins, draws, tally FROM (
    (SELECT * FROM scored WHERE low = $1 AND open ORDER BY changed_at DESC LIMIT $2)
    UNION ALL
    (SELECT * FROM scored WHERE high = $1 AND open ORDER BY changed_at DESC LIMIT $2)
) AS mine ORDER BY changed_at DESC LIMIT $2
"""
_WAITING_FOR_USER = """
SELECT low, high, low_name, high_name, state, seq, low_wins, high_wins, draws, tally FROM (
    (SELECT * FROM scored WHERE low = $1 AND low_waits ORDER BY changed_at DESC LIMIT $2)
    UNION ALL
    (SELECT * FROM scored WHERE high = $1 AND high_waits ORDER BY changed_at DESC LIMIT $2)
) AS mine ORDER BY changed_at DESC LIMIT $2
"""
_NOW = "SELECT clock_timestamp()"
_INSERT = """
INSERT INTO games (
    id, low, high, low_name, high_name, offered_by, client_id, asked, rematch_of,
    person, level, ai_seats, version, changed_at, due_at, open, low_waits, high_waits, state, finished
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
"""
_UPDATE = """
UPDATE games SET version = $2, changed_at = $3, due_at = $4, open = $5, low_waits = $6, high_waits = $7, state = $8,
    finished = $9
WHERE id = $1
"""
_COMMAND = "SELECT command FROM commands WHERE game_id = $1 AND user_id = $2 AND client_id = $3"
_REMEMBER = "INSERT INTO commands (game_id, user_id, client_id, command) VALUES ($1, $2, $3, $4)"
_NOTE = "INSERT INTO outbox (game_id, version, sender, sender_name, to_name, body) VALUES ($1, $2, $3, $4, $5, $6)"


class Standing(msgspec.Struct, frozen=True):
    """What is stored next to the state, to find the game by. waits: user ids."""

    due_at: datetime | None
    open: bool
    waits: frozenset[int]


async def one(conn: Connection, id: UUID) -> Record | None:
    return _first(await conn.fetch(_ONE, id))


async def lock(conn: Connection, id: UUID) -> tuple[Record, datetime] | None:
    """The game, locked until the transaction ends, and the present by the database's clock."""
    rows = await conn.fetch(_LOCK, id)
    return (_record(rows[0]), rows[0][-1]) if rows else None


async def by_client_id(conn: Connection, user: int, client_id: UUID) -> tuple[Record, str] | None:
    """The game that `user` made with this client_id, and what was asked for."""
    rows = await conn.fetch(_BY_CLIENT_ID, user, client_id)
    return (_record(rows[0]), rows[0][-1]) if rows else None


async def rematch(conn: Connection, of: UUID) -> Record | None:
    """The rematch of a game: the open one, of which there is at most one, or else the newest."""
    return _first(await conn.fetch(_REMATCH, of))


async def open_of_pair(conn: Connection, pair: Pair, limit: int) -> list[Record]:
    return list(map(_record, await conn.fetch(_OPEN_OF_PAIR, pair.low, pair.high, limit)))


async def in_range(
    conn: Connection, pair: Pair, first: int, last: int, limit: int, *, finished: bool
) -> list[Record]:
    """The games that began within these seqs, ascending; the newest `limit` of them. finished: only such."""
    sql = _FINISHED_IN_RANGE if finished else _IN_RANGE
    return list(map(_record, await conn.fetch(sql, pair.low, pair.high, first, last, limit)))


async def open_of_user(conn: Connection, user: int, *, waiting: bool) -> list[Record]:
    """Last changed first. waiting: only those waiting for `user`."""
    return list(
        map(_record, await conn.fetch(_WAITING_FOR_USER if waiting else _OPEN_OF_USER, user, MAX_GAMES))
    )


async def now(conn: Connection) -> datetime:
    """By the database's clock, the only one that counts."""
    found: datetime = await conn.fetchval(_NOW)
    return found


async def insert(
    conn: Connection, record: Record, standing: Standing, user: int, client_id: UUID, asked: str
) -> None:
    """Stores a new game. Raises UniqueViolationError if the client_id was used, or a rematch is already open."""
    pair, game = record.pair, record.game
    name, level = against_ai(game) or (None, None)
    await conn.execute(
        _INSERT, game.id, pair.low, pair.high, pair.low_name, pair.high_name, user, client_id, asked,
        game.rematch_of, name and pair.id_of(name), level, ai_seats(game), *_columns(pair, game, standing),
    )  # fmt: skip


async def update(conn: Connection, record: Record, standing: Standing) -> None:
    await conn.execute(_UPDATE, record.game.id, *_columns(record.pair, record.game, standing))


async def command(conn: Connection, game: UUID, user: int, client_id: UUID) -> str | None:
    """What was done under this client_id."""
    found: str | None = await conn.fetchval(_COMMAND, game, user, client_id)
    return found


async def remember(conn: Connection, game: UUID, user: int, client_id: UUID, command: str) -> None:
    await conn.execute(_REMEMBER, game, user, client_id, command)


async def note(conn: Connection, record: Record) -> None:
    """The change as an event to post."""
    pair, game = record.pair, record.game
    sender = pair.id_of(record.sender)
    body = codec.encode(game).decode()
    await conn.execute(_NOTE, game.id, game.version, sender, record.sender, pair.peer_name(sender), body)


def _columns(pair: Pair, game: Game, standing: Standing) -> Sequence[Any]:
    return (
        game.version, game.at, standing.due_at, standing.open, pair.low in standing.waits,
        pair.high in standing.waits, codec.encode(game).decode(),
        game.phase == "finished",
    )  # fmt: skip


def _first(rows: Sequence[Any]) -> Record | None:
    return _record(rows[0]) if rows else None


def _record(row: Any) -> Record:
    """Puts today's score into a state that was stored earlier."""
    pair = Pair(*row[:4])
    game = codec.decode(row[4], Game)
    tally = row[9] and Tally(*row[9])
    return Record(pair, msgspec.structs.replace(game, score=pair.score(*row[6:9]), against_ai=tally), row[5])
