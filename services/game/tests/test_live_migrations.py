"""What the migrations make of games that were there before."""

import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec

from services.game.live.lifetime import MIGRATIONS
from shared.plumbing.postgres.database import database

BEFORE_TALLIES = ("001_games.sql", "002_beats.sql")
ANN, BOB = 11, 12
_INSERT = """
INSERT INTO games (id, low, high, low_name, high_name, offered_by, client_id, asked, version, changed_at, open,
    low_waits, high_waits, state) VALUES ($1, $2, $3, 'ann', 'bob', $2, $1, '{}', 1, now(), $4, false, false, $5)
"""


async def test_games_against_the_ai_of_before_are_counted(tmp_path: Path, empty_database_url: str) -> None:
    for name in BEFORE_TALLIES:
        shutil.copy(MIGRATIONS / name, tmp_path)
    ann, bob, hard, easy = {"username": "ann"}, {"username": "bob"}, {"level": "hard"}, {"level": "easy"}
    async with database(empty_database_url, "game", tmp_path) as db, db.connection() as conn:
        await played(conn, ann, hard, "X")
        await played(conn, hard, ann, "X")
        await played(conn, ann, hard, "draw")
        await played(conn, easy, bob, "O")
        await played(conn, ann, hard, "playing", phase="playing")
        await played(conn, ann, bob, "X")
        await played(conn, hard, easy, "X")
    async with database(empty_database_url, "game", MIGRATIONS) as db, db.connection() as conn:
        rows = await conn.fetch("SELECT person, level, wins, losses, draws FROM tallies ORDER BY person")
        assert [tuple(row) for row in rows] == [(ANN, "hard", 1, 1, 1), (BOB, "easy", 1, 0, 0)]
        rows = await conn.fetch("SELECT tally FROM scored WHERE open")
        assert [list(row["tally"]) for row in rows] == [[1, 1, 1]]
        rows = await conn.fetch("SELECT ai_seats, count(*) FROM games GROUP BY ai_seats ORDER BY ai_seats")
        assert [tuple(row) for row in rows] == [(0, 1), (1, 5), (2, 1)]
        assert await conn.fetchval("SELECT count(*) FROM games WHERE finished") == 6


async def played(conn: asyncpg.Connection, x: Any, o: Any, status: str, phase: str = "finished") -> None:
    state = {"seats": {"X": x, "O": o}, "status": status, "phase": phase}
    text = msgspec.json.encode(state).decode()
    await conn.execute(_INSERT, uuid4(), ANN, BOB, phase == "playing", text)
