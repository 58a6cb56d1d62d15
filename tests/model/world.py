"""Three people, six tabs, two nodes and one database, and what must hold for them at every moment."""

import asyncio
import itertools
import time
from uuid import uuid4

import msgspec

from shared.plumbing import failpoints
from shared.plumbing.identity import User
from shared.plumbing.postgres.database import Database
from shared.plumbing.tasks import Tasks
from shared.testing.folded import Folded, State
from shared.wire import codec
from shared.wire.changes import DELETE, EDIT, REACTION
from shared.wire.http import MessagesQuery
from shared.wire.messages import MESSAGE
from tests.chaos.stored import Stored, stored
from tests.model.backend import Accounts, Backend, Gossip
from tests.model.node import Fault, ModelNode
from tests.model.tab import Tab

NODES = ("relay-1", "relay-2")
RELAY_POINTS = (
    "relay.before_batch",
    "relay.before_settle",
    "relay.before_fetch",
    "relay.before_replay",
    "relay.before_heads",
    "relay.before_welcome",
)
THREADS_POINTS = (
    "threads.before_names",
    "threads.before_commit",
    "threads.threads_made",
    "threads.after_commit",
    "threads.before_answer",
    "threads.after_answer",
)
_STEMS = ("ann", "bob", "eve")
_HANGS_S = 3600
_QUIET_TURNS = 4
_SETTLE_WITHIN_S = 10.0
_CALM_WITHIN_S = 20.0
_EVENTS = """
SELECT t.low, t.high, t.head, e.seq, e.sender_id, e.client_id, e.kind, e.body, e.target, e.deleted_at
FROM threads.threads AS t LEFT JOIN threads.events AS e ON e.thread_id = t.id
WHERE t.low = ANY($1::bigint[]) ORDER BY t.id, e.seq
"""
_users = itertools.count(1000)

_TEXTS = (MESSAGE, EDIT)
_EMOJI = ("❤️", "👍", "😂", None)


class World:
    """tabs: two of each person, the second one impatient."""

    def __init__(self, database: Database) -> None:
        self.users = {stem: next(_users) for stem in _STEMS}
        self.names = {user: f"{stem}{user}" for stem, user in self.users.items()}
        accounts = Accounts()
        accounts.names = self.names
        self.gossip = Gossip()
        self.backend = Backend(database, accounts, self.gossip)
        self.tabs = [self._tab(stem, number) for stem in _STEMS for number in range(2)]
        self._count = itertools.count(1)
        self._comparing = Tasks()

    async def begin(self) -> None:
        """All programs run."""
        await self.backend.start()
        self.nodes = {name: self._new_node(name) for name in NODES}

    def _new_node(self, name: str) -> ModelNode:
        self.gossip.waiting[name] = []
        return ModelNode(name, self.backend)

    def _tab(self, stem: str, number: int) -> Tab:
        user = self.users[stem]
        peers = [self.names[other] for other in self.users.values() if other != user]
        return Tab(f"{stem}/{number}", user, self.names[user], peers, patient=not number)

    # What can happen.

    def write(self, writers: list[tuple[int, int]], count: int) -> None:
        """So many messages of each (tab, peer), in turn."""
        for _ in range(count):
            for number, peer in writers:
                tab = self.tabs[number]
                tab.write(list(tab.logs)[peer], f"{tab.name} {next(self._count)}")

    def change(self, number: int, peer: int, kind: str, pick: int) -> None:
        """The tab changes or answers a message that it shows, if there is one that it may."""
        tab = self.tabs[number]
        to = list(tab.logs)[peer]
        targets = [
            message["seq"]
            for message in tab.logs[to].state.messages.values()
            if (kind in (MESSAGE, REACTION) or message["sender"] == tab.username)
            and (kind == MESSAGE or "text" in message)
        ]
        if targets:
            target = targets[pick % len(targets)]
            emoji = {"emoji": _EMOJI[next(self._count) % len(_EMOJI)]} if kind == REACTION else {}
            about: dict[str, object] = (
                {"reply_to": target} if kind == MESSAGE else {"target": target, **emoji}
            )
            tab.write(to, f"{tab.name} {next(self._count)}", kind, **about)

    async def write_on(self, number: int, peer: int, fault: Fault, turns: int) -> None:
        """Some messages, and so many turns of the loop later, when their batch has met the fault, more and an edit."""
        for node in self.nodes.values():
            if self.tabs[number].lives_on(node):
                node.link.next_fault = fault
        self.write([(number, peer)], 2)
        for _ in range(turns):
            await asyncio.sleep(0)
        self.write([(number, peer)], 1)
        self.change(number, peer, EDIT, turns)
        self.write([(number, peer)], 1)

    def repeat_and_write_on(self, number: int, peer: int) -> None:
        """The earliest message that is not acknowledged, and a new one."""
        tab = self.tabs[number]
        tab.try_the_first_again(list(tab.logs)[peer])
        self.write([(number, peer)], 1)

    def hang(self, point: str, arrival: int) -> None:
        """Whoever comes to that point stands there until it dies or all is calm; only one does at a time."""
        if not self._threads_hangs():
            failpoints.arm(f"{point}=sleep:{_HANGS_S}@{arrival}")

    async def kill_node(self, name: str) -> None:
        node = self.nodes[name]
        await node.die()
        for tab in self.tabs:
            if tab.lives_on(node):
                tab.leave(noticed=False)
        self.nodes[name] = self._new_node(name)

    async def kill_threads(self) -> None:
        await self.backend.die()
        failpoints.arm("")
        for node in self.nodes.values():
            node.link.lose()
            self._comparing.start(node.compare())

    def hint(self, name: str, place: int, *, keep: bool) -> None:
        """One of the waiting hints arrives, in whatever order; keep: it will arrive again."""
        waiting = self.gossip.waiting[name]
        if waiting:
            hint = waiting[place % len(waiting)] if keep else waiting.pop(place % len(waiting))
            self.nodes[name].node.hub.offer(hint)

    async def beat(self, names: tuple[str, ...] = NODES) -> None:
        """Of the heads feed."""
        heads = await self.backend.beat()
        for name in names:
            self.nodes[name].node.beat(heads, "")

    async def end(self) -> None:
        failpoints.arm("")
        for node in self.nodes.values():
            await node.die()
        await self.backend.die()
        await self._comparing.close()

    # Time.

    async def settle(self) -> None:
        """Returns when nothing moves any more but what hangs."""
        quiet = 0
        deadline = time.monotonic() + _SETTLE_WITHIN_S
        while quiet < _QUIET_TURNS:
            assert time.monotonic() < deadline, f"this does not come to rest: {self}"
            moved = sum(tab.read() for tab in self.tabs)
            quiet = 0 if moved or self._busy() else quiet + 1
            await asyncio.sleep(0.001 if self._busy() else 0)
        for node in self.nodes.values():
            if error := node.failed():
                raise error

    def _busy(self) -> bool:
        appending = self.backend.under_way and not self._threads_hangs()
        return bool(appending or self.backend.busy or self._comparing)

    @staticmethod
    def _threads_hangs() -> bool:
        """At one of its points, where others may wait for it."""
        return failpoints.reached("threads.")

    async def calm(self) -> None:
        """All faults end, and who hung goes on. Everything written must be stored and shown everywhere, then and later.

        Nobody is disconnected for it, so a fault that only a reconnect would repair fails the test.
        """
        failpoints.arm("")
        for number, tab in enumerate(self.tabs):
            node = self.nodes[NODES[number % 2]]
            node.link.next_fault = None
            node.link.arrive_late()
            tab.take_again()
            if tab.connection is None:
                tab.connect(node)
        for node in self.nodes.values():
            await node.compare()  # it may have missed a beat
        await self._until_all_is_shown()
        writers = [(number, peer) for number in range(len(self.tabs)) for peer in range(2)]
        self.write(writers, 1)
        for number, peer in writers:
            self.change(number, peer, REACTION, 0)
        await self._until_all_is_shown()
        for tab in self.tabs:
            for name, log in tab.logs.items():
                assert log.state.messages == await self._told(tab, name), (tab.name, name)

    async def _until_all_is_shown(self) -> None:
        deadline = time.monotonic() + _CALM_WITHIN_S
        while not await self._all_is_shown():
            assert time.monotonic() < deadline, f"this stays so: {self}"
            await self.settle()
            await self.beat()
            for tab in self.tabs:
                if tab.stopped:
                    tab.try_again()
            await asyncio.sleep(0.001)

    async def _all_is_shown(self) -> bool:
        logs = await self.stored()
        shown = all(
            len(log.entries) == len(logs.get(self._pair(tab, peer), []))
            for tab in self.tabs
            for peer, log in tab.logs.items()
        )
        return shown and not any(tab.waiting for tab in self.tabs)

    def __str__(self) -> str:
        return "; ".join(map(str, self.tabs))

    # What must be true.

    async def stored(self) -> dict[tuple[int, int], list[Stored]]:
        """The log of each thread. Raises AssertionError for a gap."""
        async with self.backend.database.connection() as connection:
            rows = await connection.fetch(_EVENTS, list(self.names))
        logs: dict[tuple[int, int], list[Stored]] = {}
        heads = {}
        for row in rows:
            pair = row["low"], row["high"]
            heads[pair] = row["head"]
            log = logs.setdefault(pair, [])
            if row["seq"] is not None:
                log.append(stored(row))
        for pair, log in logs.items():
            assert [event.seq for event in log] == list(range(1, heads[pair] + 1)), (pair, log)
        return logs

    async def _told(self, tab: Tab, peer: str) -> dict[int, State]:
        """The thread's messages in the state in which HTTP would tell them."""
        folded, more, after = Folded(), True, 0
        while more:
            user = User(tab.user, tab.username, uuid4())
            page = await self.backend.history.messages(user, peer, MessagesQuery(after=after, limit=200))
            messages = [msgspec.json.decode(codec.encode(message)) for message in page.messages]
            folded.apply_page(messages)
            more, after = page.more, messages[-1]["seq"] if messages else 0
        return folded.messages

    async def check(self) -> None:
        """Raises AssertionError where the promise is broken."""
        logs = await self.stored()
        places = {(pair, event.client_id): event.seq for pair, log in logs.items() for event in log}
        assert len(places) == sum(map(len, logs.values())), "a client_id is stored twice"
        for tab in self.tabs:
            assert tab.problems == []
            self._check_writer(tab, places)
            for peer, log in tab.logs.items():
                assert log.breaches == [], (tab.name, log.breaches)
                truth = logs.get(self._pair(tab, peer), [])
                assert len(log.entries) <= len(truth), (tab.name, peer)
                for entry, event in zip(log.entries, truth, strict=False):
                    assert (entry.seq, entry.client_id, entry.kind) == (
                        event.seq,
                        event.client_id,
                        event.kind,
                    )
                    assert event.is_of(entry.content), (tab.name, peer, entry, event)
        for events in logs.values():
            self._check_deletions(events)

    def _check_writer(self, tab: Tab, places: dict[tuple[tuple[int, int], str], int]) -> None:
        last: dict[str, int] = {}
        for message in tab.written:
            seq = places.get((self._pair(tab, message.to), message.client_id), 0)
            assert message.seq in (0, seq), f"{message} was acknowledged falsely: it is at {seq}"
            assert not (seq and message.refused), f"{message} was refused and is at {seq}"
            if seq:
                assert seq > last.get(message.to, 0), f"{message} has overtaken"
                last[message.to] = seq

    @staticmethod
    def _check_deletions(log: list[Stored]) -> None:
        """Exactly what is deleted has no text."""
        gone = {event.content["target"] for event in log if event.kind == DELETE}
        for event in log:
            is_about = event.content["target"] if event.kind == EDIT else event.seq
            assert (
                event.deleted == (is_about in gone) == ("text" not in event.content and event.kind in _TEXTS)
            ), event

    def _pair(self, tab: Tab, peer: str) -> tuple[int, int]:
        other = next(user for user, name in self.names.items() if name == peer)
        return min(tab.user, other), max(tab.user, other)
