"""The HTTP calls that a node makes to threads and auth, with their limits."""

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

import structlog

from services.relay.names import Names
from shared.plumbing.batch_loader import BatchLoader
from shared.plumbing.http.rpc import Peer
from shared.plumbing.telemetry.traces import Span, doing
from shared.wire.accounts import (
    EndedSessions,
    OpenSessions,
    Profile,
    Profiles,
    ProfilesById,
    ProfilesByName,
    Seen,
)
from shared.wire.link import AppendBatch, AppendItem, AppendResult
from shared.wire.log import Head
from shared.wire.log_calls import (
    AppendedItems,
    Deliveries,
    DeliveriesAfter,
    HeadsAnswer,
    HeadsOf,
    Resolve,
    Resolved,
    ResolvedThreads,
)
from shared.wire.problems import Unavailable

PAGE = 200
MAX_USERS = 256
_MAX_FETCHES = 16
"""Pages asked for at once. Threads and PostgreSQL see no more, however many connections are behind."""

log = structlog.get_logger()


class Calls:
    """Each raises Problem, like Peer: Unavailable when the other program does not answer.

    log_id: identifies the log that the heads come from. on_other_log: called when that log has been replaced.
    """

    def __init__(self, threads: Peer, auth: Peer, names: Names, on_other_log: Callable[[], None]) -> None:
        self.log_id = ""
        self._on_other_log = on_other_log
        self._threads = threads
        self._auth = auth
        self._names = names
        self._unknown_names = BatchLoader(self._ask_names, MAX_USERS)
        self._fetches = asyncio.Semaphore(_MAX_FETCHES)

    async def heads(self, users: list[int], beyond: Sequence[Head] = ()) -> HeadsAnswer:
        """The heads of all threads of these users, at most 256. Raises Unavailable if the log is another now.

        beyond: heads that were known here, and are not there any more, as it seems.
        """
        before = self.log_id
        asked = HeadsOf(users, before, list(beyond))
        answer = await self._threads.call("POST", "/internal/heads", asked, of=HeadsAnswer, idempotent=True)
        if answer.log != self.log_id:
            if self.log_id != before:
                raise Unavailable("These heads are of a log that was replaced")
            self.log_id = answer.log
            if before:
                log.warning("the log is another one", before=before, now=answer.log)
                self._on_other_log()
        return answer

    def check_log(self, log_id: str) -> None:
        """Raises Unavailable if an answer is from a log that has been replaced meanwhile."""
        if log_id != self.log_id:
            raise Unavailable("The log was replaced meanwhile")

    def is_current(self, log_id: str) -> bool:
        """Whether this is the log that this node knows; so is any while it knows none, or where it is not said."""
        return not log_id or not self.log_id or log_id == self.log_id

    async def deliveries(self, thread: int, members: tuple[int, int], after: int) -> Deliveries:
        """A page of a thread's log. Raises Unavailable if the log is another now."""
        before = self.log_id
        async with self._fetches:
            page = await self._threads.call(
                "POST",
                "/internal/deliveries",
                DeliveriesAfter(thread, after, PAGE, *members),
                of=Deliveries,
                idempotent=True,
            )
        self._check(page.log, before)
        return page

    def _check(self, log_id: str, before: str) -> None:
        """Raises Unavailable unless an answer is of the log that was known when it was asked for, and is."""
        if before:
            self.check_log(before)
        if not self.is_current(log_id):
            raise Unavailable("The log is another one")

    async def append_alone(self, node: str, item: AppendItem, of: str, trace: Span | None) -> AppendResult:
        """A message with attachments, which waits for what media says of them. of: the log whose seqs it means."""
        batch = AppendBatch(0, node, [item], of)
        with doing(trace and trace.child("append", "client")):
            answer = await self._threads.call(
                "POST", "/internal/append", batch, of=AppendedItems, idempotent=True
            )
        if not self.is_current(answer.log):
            raise Unavailable("The log is another one")
        return answer.results[0]

    async def resolve(self, user: int, peers: list[str]) -> list[Resolved]:
        """The threads of `user` with these peers (folded names)."""
        found: list[Resolved] = []
        before = self.log_id
        for start in range(0, len(peers), MAX_USERS):
            answer = await self._threads.call(
                "POST",
                "/internal/resolve",
                Resolve(user, peers[start : start + MAX_USERS]),
                of=ResolvedThreads,
                idempotent=True,
            )
            self._check(answer.log, before)
            found.extend(answer.threads)
        for resolved in found:
            if resolved.peer is not None:
                self._names.learn(resolved.peer_name, resolved.peer)
        return found

    async def user_named(self, name: str) -> int | None:
        """The id of the account with this folded name, or None."""
        if (known := self._names.id_of(name)) is not None:
            return known
        return await self._unknown_names.one(name)

    async def _ask_names(self, names: list[str]) -> dict[str, int]:
        asked = ProfilesByName(names)
        answer = await self._auth.call("POST", "/internal/users/by-name", asked, of=Profiles, idempotent=True)
        for profile in answer.profiles:
            self._names.learn(profile.username, profile.user)
        return {profile.username: profile.user for profile in answer.profiles}

    async def profiles(self, users: list[int]) -> list[Profile]:
        """Of these users, at most 1000, those that there are."""
        if not users:
            return []
        asked = ProfilesById(users)
        answer = await self._auth.call("POST", "/internal/users/by-id", asked, of=Profiles, idempotent=True)
        return answer.profiles

    async def ended_sessions(self) -> EndedSessions:
        """The sessions that ended in the last 90 s, and the settings that were changed."""
        return await self._auth.call("GET", "/internal/sessions/ended", of=EndedSessions)

    async def sessions_over(self, sessions: list[UUID]) -> EndedSessions:
        """Which of these sessions (at most 1000) have ended."""
        asked = OpenSessions(sessions)
        return await self._auth.call(
            "POST", "/internal/sessions/over", asked, of=EndedSessions, idempotent=True
        )

    async def seen(self, users: list[int]) -> None:
        """Notes that these users were connected just now."""
        await self._auth.call("POST", "/internal/users/seen", Seen(users), of=type(None), idempotent=True)
