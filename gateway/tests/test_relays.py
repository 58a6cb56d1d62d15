"""Relays come and go while the gateway runs: no connect fails, and nobody is thrown off one that is only let go."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from gateway import app, nodes, relays
from gateway.keys import NODES
from gateway.relays import finder
from gateway.tests.conftest import Gateway, Start, running
from gateway.tests.fakes import EchoRelay, FakeAuth, Somebody
from gateway.tests.sockets import socket, until
from shared.plumbing.transport.address import Address


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "_LOOK_S", 0.02)
    monkeypatch.setattr(nodes, "_POLL_DOWN_S", 0.02)


async def connect_again_and_again(gateway: Gateway, people: list[Somebody], made: list[str]) -> None:
    """Until cancelled. Each socket is opened, greeted and closed; an error of any ends it."""
    while True:
        for somebody in people:
            async with socket(gateway, somebody) as opened:
                await opened.send_str("one")
                assert (await opened.receive(5)).data == "one"
            made.append(somebody.username)


async def test_relays_are_added_and_let_go_under_load_and_no_connect_fails(
    start: Start, auth: FakeAuth, tmp_path: Path, keys: Path
) -> None:
    known = tmp_path / "relays"
    people = [auth.add(f"user{number}") for number in range(8)]
    async with (
        running(EchoRelay(tmp_path / "a.sock", keys)) as a,
        running(EchoRelay(tmp_path / "b.sock", keys)) as b,
    ):
        known.write_text(f"a={a.url}\n")
        gateway = await start(relay_urls=f"@{known}")
        assert gateway.app[NODES].addresses.keys() == {"a"}
        made: list[str] = []
        loads = [
            asyncio.create_task(connect_again_and_again(gateway, people[half::2], made)) for half in (0, 1)
        ]
        async with contextlib.AsyncExitStack() as held:
            opened = await held.enter_async_context(socket(gateway, people[0]))
            await until(lambda: len(made) > 8)
            known.write_text(f"a={a.url}\nb={b.url}\n")
            await until(lambda: len(b.callers) > 4)
            known.write_text("neither a list nor empty\n")  # half written: what was known counts
            before = len(made)
            await until(lambda: len(made) > before + 12)
            assert gateway.app[NODES].up == ["a", "b"]
            known.write_text(f"b={b.url}\n")
            await until(lambda: gateway.app[NODES].addresses.keys() == {"b"})
            before, on_a = len(made), len(a.callers)
            await until(lambda: len(made) > before + 12)
            assert len(a.callers) <= on_a + len(loads)  # no more than were on their way
            await opened.send_str("still here")
            assert (await opened.receive(5)).data == "still here"
        await a.stop()
        before = len(made)
        await until(lambda: len(made) > before + 12)
        assert not any(load.done() for load in loads)
        for load in loads:
            load.cancel()
        await asyncio.wait(loads)


async def test_every_address_of_a_name_is_a_relay(start: Start) -> None:
    find = finder("dns:localhost:9000")
    assert find is not None
    found = await find()
    assert found["127.0.0.1:9000"] == Address(host="127.0.0.1", port=9000, name="localhost")
    gateway = await start(relay_urls="dns:nowhere.invalid:9000")  # it starts all the same, and looks again
    known = gateway.app[NODES]
    assert (await gateway.call("GET", "/health/ready")).json["relays"] == "failing: none is ready"
    known.change(found)
    await known.look(finder("dns:nowhere.invalid:9000") or find)
    assert known.addresses == found


async def test_a_name_server_that_answers_nothing_keeps_no_gateway_from_its_start(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: dict[str, Address] = {}

    async def nothing_for_now(where: Address) -> dict[str, Address]:
        while not found:
            await asyncio.sleep(0.01)
        return found

    monkeypatch.setattr(relays, "_at_name", nothing_for_now)
    monkeypatch.setattr(app, "_FIRST_LOOK_S", 0.05)
    gateway = await start(relay_urls="dns:relay.example:9000")
    assert gateway.app[NODES].addresses == {}
    found["10.0.0.1:9000"] = Address(host="10.0.0.1", port=9000)
    await until(lambda: gateway.app[NODES].addresses == found)


async def test_a_name_that_can_be_nobodys_changes_nothing(start: Start, relay: EchoRelay) -> None:
    gateway = await start()
    find = finder(f"dns:{'x' * 70}:9000")
    assert find is not None
    await gateway.app[NODES].look(find)
    assert gateway.app[NODES].up == ["relay-1"]
