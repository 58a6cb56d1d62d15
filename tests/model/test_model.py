"""Sends, losses, disorder, repetition and crashes between any two steps, in every order that Hypothesis thinks of."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from services.relay.delivery import gaps
from services.relay.transport import socket
from services.threads.app import MIGRATIONS, SESSION_SETTINGS
from shared.plumbing.postgres.database import Database, database
from shared.wire.changes import DELETE, EDIT, REACTION
from shared.wire.messages import MESSAGE
from tests.model.node import FAULTS, Fault
from tests.model.world import NODES, RELAY_POINTS, THREADS_POINTS, World

_EXAMPLES = int(os.environ.get("DUET_MODEL_EXAMPLES", "40"))
_STEPS = 30
nodes = st.sampled_from(NODES)
tabs = st.integers(0, 5)
impatient = st.sampled_from([1, 3, 5])
places = st.integers(0, 7)
kinds = st.sampled_from([MESSAGE, EDIT, REACTION, DELETE])


class Conversation(RuleBasedStateMachine):
    """loop, database: set by the test."""

    loop: ClassVar[asyncio.AbstractEventLoop]
    database: ClassVar[Database]

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self.loop.run_until_complete(work)

    @initialize(homes=st.lists(nodes, min_size=6, max_size=6))
    def everybody_connects(self, homes: list[str]) -> None:
        async def begin() -> None:
            self.world = World(self.database)
            await self.world.begin()
            for tab, home in zip(self.world.tabs, homes, strict=True):
                tab.connect(self.world.nodes[home])
            await self.world.settle()

        self._run(begin())

    @rule(tab=tabs, peer=st.integers(0, 1), count=st.integers(1, 6))
    def write(self, tab: int, peer: int, count: int) -> None:
        self._do(lambda: self.world.write([(tab, peer)], count))

    @rule(writers=st.lists(st.tuples(tabs, st.integers(0, 1)), min_size=2, max_size=6))
    def all_write_at_once(self, writers: list[tuple[int, int]]) -> None:
        self._do(lambda: self.world.write(writers, 2))

    @rule(tab=tabs, peer=st.integers(0, 1), kind=kinds, pick=places)
    def change_or_answer(self, tab: int, peer: int, kind: str, pick: int) -> None:
        self._do(lambda: self.world.change(tab, peer, kind, pick))

    @rule(
        tab=tabs, peer=st.integers(0, 1), changes=st.lists(st.tuples(kinds, places), min_size=2, max_size=6)
    )
    def both_tabs_change_at_once(self, tab: int, peer: int, changes: list[tuple[str, int]]) -> None:
        """So that what is changed may just be deleted in the other one."""

        def all_at_once() -> None:
            for kind, pick in changes:
                for number in (tab, tab ^ 1):
                    self.world.change(number, peer, kind, pick)

        self._do(all_at_once)

    @rule(tab=tabs, peer=st.integers(0, 1), fault=st.sampled_from(FAULTS), turns=st.integers(1, 6))
    def write_on_while_a_batch_meets(self, tab: int, peer: int, fault: Fault, turns: int) -> None:
        self._run(self._then_settle(self.world.write_on(tab, peer, fault, turns)))

    @rule(node=nodes, fault=st.sampled_from(FAULTS))
    def the_next_batch_meets(self, node: str, fault: Fault) -> None:
        self.world.nodes[node].link.next_fault = fault

    @rule(node=nodes)
    def what_was_late_arrives(self, node: str) -> None:
        self._do(lambda: self.world.nodes[node].link.arrive_late())

    @rule(node=nodes, place=places, keep=st.booleans())
    def a_hint_arrives(self, node: str, place: int, keep: bool) -> None:
        self._do(lambda: self.world.hint(node, place, keep=keep))

    @rule(node=nodes)
    def hints_are_lost(self, node: str) -> None:
        self.world.gossip.waiting[node].clear()

    @rule(heard_by=st.sampled_from([NODES, NODES[:1], NODES[1:]]))
    def the_feed_beats(self, heard_by: tuple[str, ...]) -> None:
        self._run(self._then_settle(self.world.beat(heard_by)))

    @rule(tab=tabs, node=nodes, noticed=st.booleans())
    def reconnect(self, tab: int, node: str, noticed: bool) -> None:
        def move() -> None:
            self.world.tabs[tab].leave(noticed=noticed)
            self.world.tabs[tab].connect(self.world.nodes[node])

        self._do(move)

    @rule(tab=tabs)
    def leave(self, tab: int) -> None:
        self._do(lambda: self.world.tabs[tab].leave())

    @rule(tab=tabs)
    def try_again(self, tab: int) -> None:
        self._do(lambda: self.world.tabs[tab].try_again())

    @rule(tab=impatient, peer=st.integers(0, 1), turns=st.integers(1, 6))
    def repeat_one_rejected_send_and_write_on(self, tab: int, peer: int, turns: int) -> None:
        self._run(self._then_settle(self.world.write_on(tab, peer, "partly refused", turns)))
        self._do(lambda: self.world.repeat_and_write_on(tab, peer))

    @rule(tab=tabs)
    def read_no_more(self, tab: int) -> None:
        self.world.tabs[tab].take_no_more()

    @rule(tab=tabs)
    def read_again(self, tab: int) -> None:
        self._do(lambda: self.world.tabs[tab].take_again())

    @rule(point=st.sampled_from(RELAY_POINTS + THREADS_POINTS), arrival=st.integers(1, 2))
    def whoever_comes_there_hangs(self, point: str, arrival: int) -> None:
        self.world.hang(point, arrival)

    @rule(node=nodes)
    def a_node_dies(self, node: str) -> None:
        self._run(self._then_settle(self.world.kill_node(node)))

    @rule()
    def threads_dies(self) -> None:
        self._run(self._then_settle(self.world.kill_threads()))

    @invariant()
    def the_promise_holds(self) -> None:
        if hasattr(self, "world"):
            self._run(self.world.check())

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self._run(self._calm_down())

    async def _calm_down(self) -> None:
        try:
            await self.world.calm()
            await self.world.check()
        finally:
            await self.world.end()

    def _do(self, step: Callable[[], object]) -> None:
        async def work() -> None:
            step()

        self._run(self._then_settle(work()))

    async def _then_settle(self, work: Coroutine[Any, Any, None]) -> None:
        await work
        await self.world.settle()


@pytest.fixture
def running(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A loop and a migrated database; a hub without patience, and sockets that are slow after a few frames."""
    monkeypatch.setattr(gaps, "PATIENCE_S", 0.0)
    monkeypatch.setattr(socket, "_HIGH_WATER_BYTES", 600)
    monkeypatch.setattr(socket, "MAX_QUEUED_EVENTS", 3)
    loop = asyncio.new_event_loop()
    opening = database(database_url, "threads", MIGRATIONS, settings=SESSION_SETTINGS)
    Conversation.loop, Conversation.database = loop, loop.run_until_complete(opening.__aenter__())
    yield
    loop.run_until_complete(opening.__aexit__(None, None, None))
    loop.close()


@pytest.mark.usefixtures("running")
def test_every_tab_shows_the_committed_prefix_in_order_once_whatever_happens() -> None:
    unhurried = settings(
        max_examples=_EXAMPLES,
        stateful_step_count=_STEPS,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Conversation, settings=unhurried)
