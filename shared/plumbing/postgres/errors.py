"""PostgreSQL's complaints in Duet's terms.

Only SQLSTATE classes 22 and 23 say that something is wrong with what was asked: they stay errors of asyncpg's. All
else (a standby that does not write, a full disk, a missing right) ends one day, and the same call may then succeed: it
is Unavailable.
"""

from typing import Any

import asyncpg
import structlog

from shared.wire.problems import Unavailable

_VALUES = ("22", "23")
_SERVER = ("08", "25", "40", "53", "55", "57")
"""Connections, read-only, rollbacks, resources, locks, shutdowns: the next statement would fare no better."""

_DISK_FULL = "53100"
log = structlog.get_logger()


class StatementFailed(Unavailable):
    """PostgreSQL serves, but not this statement; others may succeed. The cause is asyncpg's error."""


class ReadOnlyServer(Unavailable):
    """This server takes no writes: a standby, or a primary that was told so. Another one may."""


def in_our_terms(error: BaseException) -> Exception | None:
    """What to raise in place of `error`; None for one to raise as it is."""
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):
        refused: Exception = asyncpg.DataError(str(error))  # asyncpg looked before PostgreSQL could
        return refused
    if is_read_only(error):
        log.warning("the database is read-only", error=repr(error))
        return ReadOnlyServer("The database is read-only")
    if is_away(error):
        log.warning("the database is away", error=repr(error))
        return Unavailable()
    if isinstance(error, asyncpg.PostgresError) and _state(error)[:2] not in _VALUES:
        log.error("a statement failed", error=repr(error), state=_state(error))
        return StatementFailed()
    return None


def is_away(error: BaseException) -> bool:
    """Whether there is no server, or one that does nothing for anybody just now."""
    if isinstance(error, asyncpg.PostgresError):
        return _state(error)[:2] in _SERVER and _state(error) != _DISK_FULL
    # InternalClientError, "cannot switch to state …": the server died while a statement was prepared.
    return isinstance(error, OSError | asyncpg.InterfaceError | asyncpg.InternalClientError)


def is_read_only(error: BaseException) -> bool:
    """Whether the server would refuse any other write, too, on any connection to it."""
    return isinstance(error, asyncpg.ReadOnlySQLTransactionError | asyncpg.TargetServerAttributeNotMatched)


def _state(error: Any) -> str:
    return str(error.sqlstate or "")
