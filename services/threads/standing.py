"""What notices about threads may say: not what is read, muted or archived, and nothing that is deleted."""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import UNSET

from services.threads.member_state import applying
from services.threads.queries import standing
from services.threads.queries.standing import Stands
from shared.plumbing.postgres.database import Database
from shared.wire.log_calls import Standing, Untold


class StandingQuestions:
    """How members stand to threads just now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, asked: Sequence[Untold]) -> list[Standing | None]:
        """One answer for each, in order."""
        async with self._database.connection() as conn:
            found = await standing.of(conn, asked)
        now = datetime.now(UTC)
        return [None if one is None else _standing(one, now) for one in found]


def _standing(one: Stands, now: datetime) -> Standing:
    state = applying(one.kept, one.last_message, now)
    quiet = state.muted_until is not UNSET or state.archived is not UNSET
    return Standing(one.read, quiet, one.seq, one.text)
