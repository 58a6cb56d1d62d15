"""How much one person may upload: a file, in 24 hours, and in all. What is under way counts as if it were there."""

import contextlib
from collections import Counter
from collections.abc import Iterator

from services.media.config import Config
from services.media.queries import attachments
from shared.plumbing.postgres.database import Connection
from shared.wire.problems import FieldError, OverQuota, RateLimited, TooLarge

_MB = 1024 * 1024
_LATER_S = 3600.0


class Limits:
    """file_bytes: of one file."""

    def __init__(self, config: Config) -> None:
        self.file_bytes = config.media_file_mb * _MB
        self._config = config
        self._under_way: Counter[int] = Counter()

    def check_size(self, size: int) -> None:
        """Raises TooLarge."""
        if size > self.file_bytes:
            raise TooLarge(f"A file may have {self._config.media_file_mb} MB at most")

    @contextlib.contextmanager
    def under_way(self, owner: int, size: int) -> Iterator[None]:
        """Counts an upload while it is not kept yet."""
        self._under_way[owner] += size
        try:
            yield
        finally:
            self._under_way[owner] -= size
            if not self._under_way[owner]:
                del self._under_way[owner]

    async def check_room(self, conn: Connection, owner: int, size: int) -> None:
        """For `size` more bytes that the owner begins to upload. Raises RateLimited, OverQuota."""
        await self._check(conn, owner, size + self._under_way[owner])

    async def check_kept(self, conn: Connection, owner: int, size: int) -> None:
        """The same for what is to be kept by this transaction."""
        await self._check(conn, owner, size)

    async def _check(self, conn: Connection, owner: int, size: int) -> None:
        if await attachments.received(conn, owner) + size > self._config.media_day_mb * _MB:
            detail = f"You may upload {self._config.media_day_mb} MB in 24 hours"
            problem = RateLimited(_LATER_S, detail)
            problem.errors = [FieldError("", "is more than you may upload today")]
            raise problem
        if await attachments.stored(conn, owner) + size > self._config.media_person_mb * _MB:
            raise OverQuota(
                f"Your files may take {self._config.media_person_mb} MB together; deleting some makes room",
                errors=[FieldError("", "is more than there is room for")],
            )
