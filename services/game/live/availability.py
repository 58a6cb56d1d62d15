"""Whether there are live games: PostgreSQL may come later than the service, and go away."""

from services.game.live.games import Games
from services.game.live.listing import Listing
from shared.plumbing.postgres.database import Database
from shared.plumbing.telemetry.readiness import DEGRADED, spared
from shared.wire.problems import Unavailable


class Live:
    """games, listing: raise Unavailable until PostgreSQL has answered once."""

    def __init__(self) -> None:
        self._parts: tuple[Games, Listing] | None = None
        self._database: Database | None = None

    @property
    def games(self) -> Games:
        return self._opened()[0]

    @property
    def listing(self) -> Listing:
        return self._opened()[1]

    def open(self, database: Database, games: Games, listing: Listing) -> None:
        self._database, self._parts = database, (games, listing)

    def _opened(self) -> tuple[Games, Listing]:
        if self._parts is None:
            raise Unavailable("Live games are not available just now")
        return self._parts

    async def check(self) -> str:
        """For readiness: degraded without PostgreSQL, since the AI's endpoints still serve."""
        if self._database is None:
            return DEGRADED
        return await spared(self._database.check)()
