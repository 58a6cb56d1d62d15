"""What notices about threads may say: not what is read, muted or archived, and nothing that is deleted."""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import UNSET

from services.threads.member_state import applying
from services.threads.queries import standing
from services.threads.queries.standing import Stands
from services.threads.shards import Shards
from shared.wire.log_calls import Standing, Untold


class StandingQuestions:
    """How members stand to threads just now."""

    def __init__(self, shards: Shards) -> None:
        self._shards = shards

    async def of(self, asked: Sequence[Untold]) -> list[Standing | None]:
        """One answer for each, in order."""
        answers = await self._shards.ask_all(lambda conn: standing.of(conn, asked))
        now = datetime.now(UTC)
        found = [next(filter(None, of_one), None) for of_one in zip(*answers, strict=True)]
        return [None if one is None else _standing(one, now) for one in found]


def _standing(one: Stands, now: datetime) -> Standing:
    state = applying(one.kept, one.last_message, now)
    quiet = state.muted_until is not UNSET or state.archived is not UNSET
    return Standing(one.read, quiet, one.seq, one.text)
