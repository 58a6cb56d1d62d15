"""The inbox: a user's threads, latest first."""

import asyncio
from datetime import UTC, datetime
from heapq import merge
from itertools import islice

from msgspec import UNSET

from services.threads import cursors
from services.threads.cursors import Cursor
from services.threads.frames import Members, message, written
from services.threads.member_state import applying
from services.threads.pages import fitting
from services.threads.people import People
from services.threads.queries import inbox
from services.threads.queries.inbox import Listed
from services.threads.shards import Shards
from shared.plumbing.identity import User
from shared.plumbing.limits.keyed_semaphore import KeyedSemaphore
from shared.wire.accounts import NOTHING, Profile, Seeing
from shared.wire.http import ThreadItem, Threads, ThreadsQuery
from shared.wire.ids import MAX_SEQ
from shared.wire.problems import FieldError, Invalid, NotFound

MAX_UNREAD = 999
_PAGES_AT_ONCE = 2
"""Of one person: whoever has archived 100,000 threads makes PostgreSQL look at each for one page."""
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)
_ARCHIVED = {None: None, "true": True, "false": False}


class Inbox:
    """Pages of threads."""

    def __init__(self, shards: Shards, people: People) -> None:
        self._shards = shards
        self._people = people
        self._pages = KeyedSemaphore(_PAGES_AT_ONCE)

    async def page(self, user: User, query: ThreadsQuery) -> Threads:
        """Raises Invalid for a cursor that was never given out."""
        before, peer = await self._start(query.cursor)
        archived, limit = _ARCHIVED[query.archived], query.limit + 1
        async with self._pages.of(user.id):
            pages = await self._shards.ask_all(
                lambda conn: inbox.page(conn, user.id, before, peer, limit, archived=archived)
            )
        rows = list(islice(merge(*pages, key=_newest, reverse=True), limit))
        shown = rows[: fitting([_text(row) for row in rows[: query.limit]])]
        profiles, seeing = await asyncio.gather(
            self._people.profiles({row.peer for row in shown}), self._people.seeing([user.id])
        )
        own, now = seeing.get(user.id, NOTHING), datetime.now(UTC)
        items = [_item(user, own, row, profiles[row.peer], now) for row in shown if row.peer in profiles]
        more = len(rows) > len(shown)
        return Threads(
            items, Cursor(shown[-1].last_at, items[-1].username).text() if more and items else None
        )

    async def _start(self, cursor: str) -> tuple[datetime, int]:
        if not cursor:
            return _LATEST, MAX_SEQ
        last = cursors.parse(cursor)
        try:
            return last.at, await self._people.id(last.peer)
        except NotFound:
            raise Invalid([FieldError("?cursor", "is not a cursor of this list")]) from None


def _newest(row: Listed) -> tuple[datetime, int]:
    return row.last_at, row.peer


def _text(row: Listed) -> str:
    """Of the last message and the draft."""
    last = written(row.last_message) if row.last_message else ""
    return last + row.kept.draft if row.kept and row.kept.draft else last


def _item(user: User, own: Seeing, row: Listed, peer: Profile, now: datetime) -> ThreadItem:
    members = Members.of(user.id, user.username, row.peer, peer.username)
    return ThreadItem(
        username=peer.username,
        display_name=peer.display_name,
        head=row.head,
        unread=min(row.unread, MAX_UNREAD),
        read=row.read,
        peer_read=row.peer_read if own.read_receipts and peer.seeing.read_receipts else 0,
        delivered=row.delivered,
        peer_delivered=row.peer_delivered,
        last_message=None if row.last_message is None else message(row.last_message, members, user.id),
        last_at=row.last_at if row.last_message is None else UNSET,
        state=UNSET if row.kept is None else applying(row.kept, row.last_seq, now),
    )
