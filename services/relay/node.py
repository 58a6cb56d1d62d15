"""A node: its parts, wired together on one screen."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

import msgspec
import structlog

from services.relay.commands import Commands
from services.relay.config import Config
from services.relay.connection import Connection
from services.relay.delivery.consumer import Consumer
from services.relay.delivery.gaps import Gaps
from services.relay.delivery.hub import Hub
from services.relay.delivery.replay import Replay
from services.relay.expiry import Expiry
from services.relay.hello import Greeter
from services.relay.limits import Limits
from services.relay.log.batch import Batcher
from services.relay.log.calls import MAX_USERS, Calls
from services.relay.log.link import Link
from services.relay.log.reads import Reads
from services.relay.log.sent import Sent
from services.relay.metrics import CONNECTIONS, DELIVERED_BY_HINT, DELIVERED_HERE
from services.relay.names import Names
from services.relay.presence.ephemeral import Ephemeral
from services.relay.presence.lease_watch import LeaseWatch
from services.relay.presence.presence import Presence
from services.relay.presence.settings import Settings
from services.relay.revoke import Revocations
from services.relay.transport.framing import text_frame
from services.relay.transport.heartbeat import LOOK_EVERY_S, Heartbeat
from services.relay.transport.share import Share, Shares
from shared.plumbing.http.rpc import Peer
from shared.plumbing.identity import User
from shared.plumbing.in_parts import in_parts
from shared.plumbing.limits.ledger import Ledger
from shared.plumbing.redis.client import Redis
from shared.plumbing.redis.directory import Directory, Membership
from shared.plumbing.tasks import Tasks, running
from shared.plumbing.telemetry import traces
from shared.wire.frames import Close, repeated
from shared.wire.link import AppendResult
from shared.wire.log import Head, StreamEntry
from shared.wire.problems import from_document

_LAST_WORDS_S = 1.5
_MAX_BEYOND = 100


class _Sent(msgspec.Struct, gc=False):
    """What is looked at of an event's frame."""

    sent_at: datetime


_decode_sent = msgspec.json.Decoder(_Sent).decode
log = structlog.get_logger()


class Node:
    """One relay process. connections: all open sockets. link: replaces the one to threads, for tests."""

    def __init__(
        self, config: Config, threads: Peer, auth: Peer, redis: Redis, link: Link | None = None
    ) -> None:
        self.config = config
        self.connections: set[Connection] = set()
        self.draining = False
        self.tasks = Tasks()
        self.names = Names()
        ledger = Ledger()
        self._keep_ledger = partial(ledger.keep, redis)
        self.limits = Limits(ledger, enforced=config.limited)
        self._shares = Shares(self.limits.turn)
        self.calls = Calls(threads, auth, self.names, self.other_log)
        self.gaps = Gaps(self.calls.deliveries)
        self.hub = self.gaps.hub = Hub(self.gaps.noticed)
        self.replay = Replay(self.hub, self.calls.deliveries, self.limits)
        self.link = link or Link(threads, self.beat, self.compare, self.hub.members.keys)
        self.batcher = Batcher(
            self.link,
            config.node,
            self.settle,
            partial(self.calls.append_alone, config.node),
            self.calls.is_current,
        )
        directory = Directory(redis)
        self.membership = Membership(redis, config.node)
        self.ephemeral = Ephemeral(self.hub, redis, config.node)
        self.reads = Reads(self.link, config.node, self.ephemeral.arrived, lambda: self.calls.log_id)
        self.presence = Presence(self.hub, self.membership, directory, self.ephemeral, self.calls)
        self.lease_watch = LeaseWatch(config.node, self.hub, directory, self.presence, self.calls)
        self.settings = Settings(self.hub, self.calls, directory, self.ephemeral, self.tasks)
        self.greeter = Greeter(
            self.hub,
            self.calls,
            self.names,
            directory,
            self.presence,
            self.settings,
            self.replay,
            self.link.came,
        )
        self._handle = Commands(
            self.hub, self.calls, self.names, self.limits, self.greeter, self.batcher, self.reads,
            self.ephemeral, self.replay, self.tasks, config.welcome_within_s,
        ).handle  # fmt: skip
        self.consumer = Consumer(config.redis_url, config.node, self.entry)
        self.revocations = Revocations(self.calls, self.end_sessions, self.settings.told, self.restart_all)
        self.expiry = Expiry(self.calls, self.sessions, self.end_sessions)
        self.heartbeat = Heartbeat(
            self.connections,
            config.ping_after_s,
            config.silent_after_s - LOOK_EVERY_S,  # the last look before that time
            config.stuck_after_s,
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Everything that this node does by itself, until the end of the block."""
        await self.consumer.prepare()
        async with running(
            self.link.run,
            self.batcher.run,
            self.reads.run,
            self.greeter.run,
            self.consumer.run,
            self.membership.keep,
            self.ephemeral.run,
            self.presence.run,
            self.presence.report,
            self.lease_watch.run,
            self._keep_ledger,
            self.revocations.run,
            self.expiry.run,
            self.heartbeat.run,
        ):
            yield
            for connection in list(self.connections):
                connection.abort()
            await self.tasks.close()
            await self.gaps.close()
            await self.replay.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_S):
                await self.membership.resign()
                await self.presence.flush()
        await self.consumer.close()

    # What connections ask of their node.

    def connection(self, user: User) -> Connection:
        """Of `user`, whose socket is about to open."""
        return Connection(user, self._handle, self)

    def catch_up(self, connection: Connection) -> None:
        self.replay.catch_up(connection)

    def share_of(self, user: int) -> Share:
        return self._shares.of(user)

    def arrived(self, connection: Connection) -> None:
        """A socket is open; its hello is still to come."""
        self.connections.add(connection)
        if (oldest := connection.share.enter(connection)) and self.config.limited:
            oldest.close(Close.TOO_MANY_SOCKETS, "too many sockets: the oldest goes")
        CONNECTIONS.set(len(self.connections))

    def gone(self, connection: Connection) -> None:
        self.connections.discard(connection)
        connection.share.leave(connection)
        CONNECTIONS.set(len(self.connections))
        if member := self.hub.unregister(connection.user.id, connection):
            self.link.left(connection.user.id)
            self.presence.left(member, connection.user.username)

    # What becomes known of the log.

    def settle(self, sent: Sent, result: AppendResult) -> None:
        """Tells the sender what became of a send. The frame that goes to everyone is also its acknowledgement.

        A client that already has that frame is not told that a repeat of the send cannot be stored just now.
        """
        order, to, id = sent.connection.order, sent.item.to, sent.item.client_id.int
        given = order.answered(to, id)
        if result.delivery is None:
            if result.problem is not None and not (given and result.problem.retry):
                problem = from_document(result.problem)
                sent.connection.reject(sent.number, sent.client_id, to, problem)
            return
        order.given(to, id)
        order.settling = result.delivery.seq
        if sent.trace is None:
            self.hub.offer(result.delivery)
        else:
            self.hub.offer_traced(result.delivery, sent.trace.child("hub"))
        order.settling = 0
        if result.created:
            DELIVERED_HERE.observe(time.monotonic() - sent.at)
        else:
            low = sent.connection.user.id == result.delivery.low
            frame = result.delivery.for_low if low else result.delivery.for_high
            sent.connection.send(text_frame(repeated(bytes(frame))))

    def entry(self, entry: StreamEntry) -> None:
        """Takes one entry of this node's stream; a hint of another log is none."""
        if not self.calls.is_current(entry.log):
            self.link.doubt()
            return
        for delivery in entry.deliveries:
            if delivery.trace and (span := traces.continued("hub", "consumer", delivery.trace)):
                self.hub.offer_traced(delivery, span)
            else:
                self.hub.offer(delivery)
        for notice in entry.notices:
            self.ephemeral.arrived(notice)
        if entry.deliveries:  # the oldest one speaks for them all
            sent = _decode_sent(entry.deliveries[0].for_low)
            DELIVERED_BY_HINT.observe(time.time() - sent.sent_at.timestamp())

    def beat(self, heads: Sequence[Head], log_id: str) -> bool:
        """Takes one beat of the heads feed; False: it is of another log."""
        if not self.calls.is_current(log_id):
            return False
        for head in heads:
            self.hub.offer_head(head)
        return True

    async def compare(self, users: Collection[int] | None = None) -> None:
        """Asks for the heads of these users, or of all who are here, since beats may have been missed.

        All includes users whose hello is under way: their heads may have been read too early. And where nobody is here,
        the log's id is asked for.
        """
        users = list(self.hub.members if users is None else users)
        for start in range(0, max(1, len(users)), MAX_USERS):
            asked = users[start : start + MAX_USERS]
            of, known = self.calls.log_id, await self._heads_of(asked)
            answer = await self.calls.heads(asked)
            for threads in answer.users:
                async for part in in_parts(threads.heads):
                    self.calls.check_log(answer.log)
                    for head in part:
                        self.hub.offer_head(head)
                        if head.head >= known.get(head.thread, head).head:
                            known.pop(head.thread, None)
            if known and answer.log == of:  # another log does not have them for good reason
                await self.calls.heads(asked, list(known.values())[:_MAX_BEYOND])

    async def _heads_of(self, users: Sequence[int]) -> dict[int, Head]:
        """What the hub has given out of their threads."""
        members = [member for user in users if (member := self.hub.members.get(user)) is not None]
        found: dict[int, Head] = {}
        async for part in in_parts([thread for member in members for thread in member.threads.values()]):
            found |= {one.id: Head(one.id, one.low, one.high, one.head) for one in part if one.head > 0}
        return found

    def other_log(self) -> None:
        """Sends everyone to say hello again, since a part of the log is lost. A hello under way is repeated."""
        greeted = [connection for connection in self.connections if connection.greeted]
        self.hub.forget_all()
        self.reads.forget()
        self.names.forget()
        for connection in greeted:
            connection.close(Close.RESTART, "another log")

    # Ends.

    def sessions(self) -> set[UUID]:
        """Those that have a socket here."""
        return {connection.user.session for connection in self.connections}

    def end_sessions(self, sessions: frozenset[UUID]) -> None:
        """Closes the sockets of sessions that have ended."""
        for connection in list(self.connections):
            if connection.user.session in sessions:
                connection.close(Close.SESSION_ENDED, "the session has ended")

    def restart_all(self) -> None:
        """Sends everyone through the gateway again, since the end of a session, or a change, may have been missed."""
        self.settings.doubt()
        for connection in list(self.connections):
            connection.close(Close.RESTART, "log-ins must be checked again")
