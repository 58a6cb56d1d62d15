"""Health, and what is kept to the private side."""

import asyncio
import platform

import aiohttp
import msgspec
import pytest
from aiohttp import web

from gateway import health
from gateway.status import Overview
from gateway.tests.conftest import Gateway, Start
from gateway.tests.fakes import EchoRelay, FakeAuth, RecordingService, Somebody
from gateway.tests.sockets import socket, until
from shared.plumbing.app import STATE
from shared.plumbing.http.web import json_response
from shared.plumbing.telemetry.lag import Lag
from shared.plumbing.telemetry.status import Status
from shared.testing.product import free_port
from shared.version import VERSION


@pytest.fixture(autouse=True)
def fresh_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are kept for a second; here every question is asked."""
    monkeypatch.setattr(health, "_KEPT_S", 0)


async def test_ready_names_every_part(gateway: Gateway) -> None:
    answer = await gateway.call("GET", "/health/ready")
    assert answer.status == 200
    assert answer.json == {
        "status": "degraded",
        "auth": "ok",
        "threads": "ok",
        "game": "ok",
        "media": "ok",
        "notify": "degraded",
        "relays": "ok",
        "redis": "ok",
        "version": VERSION,
    }


async def test_a_degraded_redis_is_said_and_stays_200(gateway: Gateway, threads: RecordingService) -> None:
    threads.ready["redis"] = "degraded"
    answer = await gateway.call("GET", "/health/ready")
    assert (answer.status, answer.json["redis"], answer.json["status"]) == (200, "degraded", "degraded")
    threads.ready["redis_why"] = "Redis is full"
    answer = await gateway.call("GET", "/health/ready")
    assert (answer.status, answer.json["redis"], answer.json["redis_why"]) == (
        200,
        "degraded",
        "Redis is full",
    )


async def test_without_game_media_and_notify_people_can_still_talk(
    gateway: Gateway, game: RecordingService, media: RecordingService
) -> None:
    """notify is not there in any of these tests."""
    await media.stop()
    game.ready |= {"status": "unready", "postgres": "failing: OSError"}
    answer = await gateway.call("GET", "/health/ready")
    said = answer.json
    assert (answer.status, said["status"]) == (200, "degraded")
    assert (said["game"], said["media"], said["notify"]) == ("degraded", "degraded", "degraded")
    assert (said["auth"], said["threads"], said["relays"]) == ("ok", "ok", "ok")


async def test_a_part_that_lacks_one_of_its_own_is_degraded(
    gateway: Gateway, threads: RecordingService
) -> None:
    threads.ready |= {"status": "degraded", "auth": "degraded", "version": "9.9.9", "added later": "2"}
    answer = await gateway.call("GET", "/health/ready")
    assert (answer.status, answer.json["threads"]) == (200, "degraded")


async def test_a_part_that_only_drains_serves_on(gateway: Gateway, threads: RecordingService) -> None:
    """One of several: nothing of its own fails, and the next is asked soon."""
    threads.ready |= {"status": "unready", "postgres": "ok"}
    answer = await gateway.call("GET", "/health/ready")
    assert (answer.status, answer.json["threads"]) == (200, "ok")


async def test_a_gateway_that_drains_can_be_told_from_one_that_cannot_serve(
    gateway: Gateway, threads: RecordingService
) -> None:
    asked = "/health/ready?draining=404"
    gateway.app[STATE]["draining"] = True
    for path, status in (("/health/ready", 503), ("/health/ready?draining=200", 503), (asked, 404)):
        answer = await gateway.call("GET", path)
        assert (answer.status, answer.json["status"]) == (status, "unready")
    gateway.app[STATE]["draining"] = False
    assert (await gateway.call("GET", asked)).status == 200
    threads.ready |= {"status": "unready", "postgres": "failing: OSError"}
    assert (await gateway.call("GET", asked)).status == 503


@pytest.mark.parametrize("core", ["auth", "threads"])
async def test_without_auth_or_threads_it_is_503(
    gateway: Gateway, core: str, auth: FakeAuth, threads: RecordingService
) -> None:
    await {"auth": auth, "threads": threads}[core].stop()
    answer = await gateway.call("GET", "/health/ready")
    assert (answer.status, answer.json["status"]) == (503, "unready")
    assert answer.json[core].startswith("failing")


async def test_a_core_part_that_is_not_ready_and_no_relay_make_it_503(
    gateway: Gateway, threads: RecordingService, relay: EchoRelay
) -> None:
    threads.ready |= {"status": "unready", "postgres": "failing: OSError"}
    relay.is_ready = False

    async def said() -> dict[str, str]:
        answer = await gateway.call("GET", "/health/ready")
        assert answer.status == 503
        parts: dict[str, str] = answer.json
        return parts

    async with asyncio.timeout(5):
        while (await said())["relays"] == "ok":
            await asyncio.sleep(0.05)
    parts = await said()
    assert parts["threads"].startswith("failing")
    assert parts["auth"] == "ok"
    assert (await gateway.call("GET", "/health/live")).status == 200


async def test_the_operator_hears_of_every_program_and_the_public_of_none(
    start: Start, threads: RecordingService, media: RecordingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relays and services that are of another version, or away, are wrong in it and do not spoil it."""
    monkeypatch.setattr(
        Lag, "known", []
    )  # this process holds those of other programs, which stand still here

    async def told() -> web.Response:
        return json_response(
            Status(["postgres is failing: TimeoutError"], "0.9", 3.5, numbers={"duet_lag": 7})
        )

    monkeypatch.setattr(Lag, "known", [])  # of services that other tests have loaded
    threads.answer = told
    await media.stop()
    port = free_port()
    gateway = await start(metrics_listen=str(port))
    async with gateway.http.get(f"http://127.0.0.1:{port}/status") as answer:
        found = msgspec.json.decode(await answer.read(), type=Overview)
    assert found.programs.keys() == {"gateway", "auth", "threads", "game", "media", "notify", "relay-1"}
    assert found.status == "wrong"
    assert {"threads: postgres is failing: TimeoutError", "media: it does not answer"} <= set(found.wrong)
    assert found.programs["gateway"].wrong == []
    assert (await gateway.call("GET", "/status")).status == 404


async def test_metrics_have_a_port_of_their_own_when_one_is_given(start: Start) -> None:
    port = free_port()
    await start(metrics_listen=str(port))
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as prometheus:
        async with prometheus.get("/metrics") as answer:
            assert "duet_tunnels_open" in await answer.text()
        async with prometheus.get("/messages") as answer:
            assert answer.status == 404


async def test_metrics_are_on_the_private_side_only(gateway: Gateway, ann: Somebody) -> None:
    async with socket(gateway, ann):
        connector = aiohttp.UnixConnector(gateway.config.listen.removeprefix("unix:"))
        async with (
            aiohttp.ClientSession(connector=connector) as private,
            private.get("http://gateway/metrics") as answer,
        ):
            text = await answer.text()
    assert "duet_tunnels_open 1.0" in text
    assert "duet_http_request_seconds" in text
    assert f'duet_build_info{{python="{platform.python_version()}",version="{VERSION}"}} 1.0' in text
    assert "ann" not in text.replace("channel", "")
    assert (await gateway.call("GET", "/metrics")).status == 404
    await until(lambda: "duet_tunnels_open" in text)
