"""Whether a device is told, and what, asked in the moment before: nothing that is read, nobody who has logged out."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from services.notify import words
from services.notify.people import People
from services.notify.queries.notices import Due
from services.notify.retry import TTL
from services.notify.vapid import Vapid
from shared.plumbing.http.rpc import Peer
from shared.wire.accounts import EndedSessions, OpenSessions
from shared.wire.log_calls import Standing, StandingOf, Standings, Untold
from shared.wire.push import Push


class Decision(msgspec.Struct, frozen=True):
    """About one device and thread. over: its session is. push: None where there is nothing to tell.

    seq: up to which the device knows everything then.
    """

    due: Due
    seq: int
    push: Push | None = None
    over: bool = False


class Decisions:
    """Asks threads, which alone knows what is read, muted or deleted, and auth, which alone knows who is logged in."""

    def __init__(self, threads: Peer, auth: Peer, people: People, vapid: Vapid) -> None:
        self._threads = threads
        self._auth = auth
        self._people = people
        self._vapid = vapid

    async def about(self, due: Sequence[Due]) -> list[Decision]:
        """At most 256. Raises Problem while one of the two is away: then nobody is told anything."""
        standings, over, names = await asyncio.gather(
            self._threads.call(
                "POST",
                "/internal/standing",
                StandingOf([Untold(one.thread, one.user, one.told) for one in due]),
                of=Standings,
                idempotent=True,
            ),
            self._auth.call(
                "POST",
                "/internal/sessions/over",
                OpenSessions(list({one.session for one in due})),
                of=EndedSessions,
                idempotent=True,
            ),
            self._people.names(one.peer for one in due),
        )
        ended = set(over.sessions)
        return [
            Decision(one, one.seq, over=True)
            if one.session in ended
            else self._about(one, standing, names.get(one.peer, one.peer_name))
            for one, standing in zip(due, standings.threads, strict=True)
        ]

    def _about(self, due: Due, standing: Standing | None, name: str) -> Decision:
        nothing = Decision(due, due.seq)
        if standing is None or standing.quiet or datetime.now(UTC) - due.at > TTL:
            return nothing
        seq, text = due.seq, ""
        if due.what == "message":
            seq, text = standing.seq, standing.text
        if seq <= max(standing.read, due.told):
            return nothing
        tag = self._vapid.topic(due.user, due.thread)
        return Decision(due, max(seq, due.seq), words.push(due, name, tag, seq, text))
