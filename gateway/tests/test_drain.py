"""A gateway that shuts down closes its tunnels."""

import asyncio

import pytest

from gateway import tunnel
from gateway.keys import TUNNELS
from gateway.tests.conftest import Gateway
from gateway.tests.fakes import EchoRelay, FakeAuth, Somebody
from gateway.tests.sockets import no_tunnels, until, upgrade
from shared.testing.rawsocket import RawSocket


async def test_a_draining_gateway_spreads_the_closes_and_takes_no_new_sockets(
    gateway: Gateway, auth: FakeAuth, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tunnel.DRAIN_S == 5
    monkeypatch.setattr(tunnel, "DRAIN_S", 0.6)
    raws: list[RawSocket] = []
    for number in range(6):
        raw = await gateway.raw()
        await raw.send(upgrade(gateway, auth.add(f"user{number}")))
        assert (await raw.answer()).status == 101
        raws.append(raw)
    loop = asyncio.get_running_loop()
    started = loop.time()

    async def closed_after(raw: RawSocket) -> float:
        await raw.end()
        return loop.time() - started

    ends = [asyncio.create_task(closed_after(raw)) for raw in raws]
    await gateway.app[TUNNELS].drain()
    times = sorted(await asyncio.gather(*ends))
    assert times[-1] - times[0] > 0.3
    assert times[-1] < 1.5
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, auth.add("late")))
        assert (await raw.answer()).problem == "unavailable"


async def test_a_drain_does_not_wait_for_who_reads_nothing(
    gateway: Gateway, relay: EchoRelay, ann: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnel, "DRAIN_S", 0.2)
    slow = await gateway.raw()
    await slow.send(upgrade(gateway, ann))
    assert (await slow.answer()).status == 101
    slow.writer.transport.pause_reading()  # type: ignore[attr-defined]
    flooding = asyncio.create_task(relay.sockets[0].send_bytes(bytes(64 << 20)))
    [end] = gateway.app[TUNNELS]._browser_ends
    await until(lambda: end.transport.get_write_buffer_size() > 0)
    await asyncio.wait_for(gateway.app[TUNNELS].drain(), 3)
    await no_tunnels(gateway)
    flooding.cancel()
    slow.writer.transport.abort()
