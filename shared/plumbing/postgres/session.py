"""What a connection is to: one session for as long as it lasts, or, through a pooler, another one each transaction."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import asyncpg


class Greeter(Protocol):
    """Finds out what a session is to, before anything else uses it.

    current: what the last one was to.
    """

    current: str

    async def greet(self, connection: Any) -> str:
        """What this one is to. Raises Unavailable for one that is not to be used."""

    def still(self) -> str:
        """SQL that finds one row in a session that is to `current`, and none in another."""


class Session(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """log: what it was found to be connected to; "" where nobody looked."""

    log = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._prepared: dict[str, Any] = {}

    async def fetch_at_once(self, query: str, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """What the query answers for each of `rows`, which are its arguments, in one transaction and one round trip.

        As `fetch` and `fetchmany` outside of a transaction, without the seven functions of asyncpg on the way to its
        protocol: they are a third of what a query costs a process that has just been woken.
        """
        statement = self._prepared.get(query)
        if statement is None:
            statement = self._prepared[query] = await self.prepare(query)
        state = statement._state
        try:
            if len(rows) == 1:
                found: list[Any] = await self._protocol.bind_execute(state, rows[0], "", 0, False, None)
            else:
                timeout = self._protocol._get_timeout(None)
                found = await self._protocol.bind_execute_many(state, rows, "", timeout, True)
        except asyncpg.InvalidCachedStatementError:
            self._prepared.clear()  # a table is not what it was when this was prepared
            found = await self.fetchmany(query, rows)
        return found

    def _cancel_current_command(self, waiter: Any, cancel_waiter: Any = None) -> None:
        """Ends, and lets the server see that, where asyncpg would ask for the query to be cancelled.

        A commit that waits for its standby counts as done when it is cancelled: everybody would see what may be lost.
        """
        self.terminate()
        if not waiter.done():
            waiter.set_result(None)


class PooledSession(Session):
    """Through a pooler: each transaction begins with what a session of its own would have been told once.

    In one message with BEGIN, so that it takes no more time on the way. settings: by name.
    """

    settings = ""
    greeter: Greeter | None = None

    def tell(self, settings: Mapping[str, str], greeter: Greeter | None) -> None:
        """What to begin with from now on."""
        self.settings = "".join(f" SET LOCAL {name} = '{value}';" for name, value in settings.items())
        self.greeter = greeter

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:
        """asyncpg begins a transaction by this, too; `log` is then what it was found to be to, "" if that is new."""
        if not query.startswith("BEGIN"):
            return str(await super().execute(query, *args, timeout=timeout))
        current, still = (self.greeter.current, self.greeter.still()) if self.greeter else ("", "")
        done: str = await super().execute(query + self.settings + still, timeout=timeout)
        self.log = current if done == "SELECT 1" else ""
        return done
