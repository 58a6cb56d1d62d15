"""What the service does by itself: the AI's turns, falling flags. If a process dies, the next sweep does its work."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID

import asyncpg
import structlog
from prometheus_client import Counter

from services.game.engine import Engine
from services.game.live import due
from services.game.live.games import Games
from services.game.live.poster import within
from services.game.live.state import seat
from shared.plumbing.failpoints import reach
from shared.plumbing.postgres.database import Database
from shared.plumbing.tasks import Tasks
from shared.wire.games import Game
from shared.wire.problems import Problem

AT_ONCE = 16
_LEASE = timedelta(seconds=2.5)
_THINK_MS = 1000
"""For all games that are due together, so that none waits longer because somebody has many. A time limit and no seed:
a seeded search takes as long as it takes, which may be too long on a busy machine."""
_BEAT_S = 0.5
_LOOK_AGAIN_S = 1.0
_LOOK_AT_MOST_EVERY_S = 0.02
_PAUSE_S = 0.25
_TURNS = Counter("duet_game_ai_turns", "Turns that the AI took in live games")
log = structlog.get_logger()


class Sweeper:
    """wake: a game may be due now."""

    def __init__(self, database: Database, games: Games, engine: Engine) -> None:
        self._database = database
        self._games = games
        self._engine = engine
        self._news = asyncio.Event()
        self._beat_at = float("-inf")
        self._under_way: dict[UUID, int] = {}
        self._tasks = Tasks()

    def wake(self) -> None:
        self._news.set()

    async def run(self) -> None:
        """Sweeps until it is cancelled."""
        try:
            while True:
                self._news.clear()
                try:
                    wait_s = await self.sweep()
                except (Problem, OSError, asyncpg.PostgresError) as error:
                    log.warning("no sweep", error=repr(error))
                    wait_s = _PAUSE_S
                await within(self._news, wait_s)
        finally:
            await self._tasks.close()

    async def sweep(self) -> float:
        """Starts what is due, and returns the seconds until something may be due again."""
        if time.monotonic() - self._beat_at >= _BEAT_S:
            await self.beat()
        async with self._database.connection() as conn:
            await due.hold(conn, self._under_way, _LEASE)
            free = AT_ONCE - len(self._under_way)
            if free <= 0:
                return _LOOK_AGAIN_S
            taken = await due.take(conn, free, _LEASE)
            wait = await due.following(conn)
        for game in taken:
            if game.id not in self._under_way:
                self._under_way[game.id] = game.version
                self._tasks.start(self._see_to(game))
        if wait is None:
            return _LOOK_AGAIN_S
        return min(_LOOK_AGAIN_S, max(_LOOK_AT_MOST_EVERY_S, wait.total_seconds()))

    async def beat(self) -> None:
        """Notes that somebody looks after the games; after an outage, once its time has been given back."""
        async with self._database.connection() as conn:
            is_back = await due.away(conn) > due.AWAY
            if not is_back:
                await due.beat(conn)
        if is_back:
            await self._games.give_back()
        self._beat_at = time.monotonic()

    async def _see_to(self, game: Game) -> None:
        try:
            level = game.turn and seat(game, game.turn).level
            if level:
                await reach("game.before_choice")
                share_ms = _THINK_MS // len(self._under_way)
                cell = await self._engine.choose(game.spec, game.moves, level, time_limit_ms=share_ms)
                await reach("game.after_choice")
                await self._games.play(game.id, game.version, cell)
                _TURNS.inc()
            else:
                await self._games.watch_clock(game.id)
        except (Problem, OSError, asyncpg.PostgresError) as error:
            log.warning("a game is due again", game=str(game.id), error=repr(error))
        except Exception:  # one game must not keep the others waiting
            log.exception("a game is due again", game=str(game.id))
        finally:
            del self._under_way[game.id]
            self.wake()
