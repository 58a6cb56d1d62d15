"""The upgrade: who may open a socket, what the relay is told, which relay it is."""

from pathlib import Path

import pytest

from gateway.keys import NODES, TUNNELS
from gateway.tests.conftest import Gateway, Start, running
from gateway.tests.fakes import EchoRelay, FakeAuth, Somebody
from gateway.tests.raw import head
from gateway.tests.sockets import UPGRADE, socket, until, upgrade
from shared.plumbing.http.web import problem_response
from shared.plumbing.identity import BadToken
from shared.wire.problems import NotFound


async def test_a_relay_s_refusal_reaches_the_browser_as_a_problem(
    gateway: Gateway, relay: EchoRelay, ann: Somebody
) -> None:
    relay.refusal = problem_response(NotFound("There is nobody of that name"))
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, ann))
        answer = await raw.answer()
        assert (answer.status, answer.problem) == (404, "not-found")
        assert answer.headers["X-Request-Id"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        await raw.end()
    assert len(gateway.app[TUNNELS]) == 0


async def test_a_relay_that_does_not_believe_us_tells_nobody_to_log_in(
    gateway: Gateway, relay: EchoRelay, ann: Somebody
) -> None:
    relay.refusal = problem_response(BadToken("not valid"))
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, ann))
        answer = await raw.answer()
        assert (answer.status, answer.problem) == (503, "unavailable")


@pytest.mark.parametrize(
    ("lines", "status", "code"),
    [
        ((), 401, "unauthenticated"),
        (("Origin: https://evil.example",), 403, "foreign-origin"),
        (("Origin: null",), 403, "foreign-origin"),
    ],
)
async def test_an_upgrade_that_is_not_allowed_never_reaches_a_relay(
    gateway: Gateway, relay: EchoRelay, ann: Somebody, lines: tuple[str, ...], status: int, code: str
) -> None:
    cookie = [] if status == 401 else [f"Cookie: {gateway.cookie(ann)['Cookie']}"]
    async with await gateway.raw() as raw:
        await raw.send(head("GET /messages HTTP/1.1", gateway.port, *UPGRADE, *cookie, *lines))
        answer = await raw.answer()
        assert (answer.status, answer.problem) == (status, code)
    assert relay.received == []


async def test_a_user_always_goes_to_the_same_node_and_moves_when_it_is_gone(
    start: Start, auth: FakeAuth, tmp_path: Path, keys: Path
) -> None:
    async with (
        running(EchoRelay(tmp_path / "a.sock", keys)) as a,
        running(EchoRelay(tmp_path / "b.sock", keys)) as b,
    ):
        gateway = await start(relay_urls=f"a={a.url},b={b.url}")
        people = [auth.add(f"user{number}") for number in range(16)]
        for _ in range(2):
            for somebody in people:
                async with socket(gateway, somebody):
                    pass
        on_a, on_b = ({caller.user.username for caller in node.callers} for node in (a, b))
        assert len(a.callers) + len(b.callers) == 32
        assert on_a
        assert on_b
        assert not on_a & on_b
        await b.stop()
        b.callers.clear()
        for somebody in people:
            async with socket(gateway, somebody):
                pass
        assert {caller.user.username for caller in a.callers} == {person.username for person in people}


async def test_a_node_that_is_not_ready_gets_no_new_sockets(
    start: Start, ann: Somebody, tmp_path: Path, keys: Path
) -> None:
    async with (
        running(EchoRelay(tmp_path / "a.sock", keys)) as a,
        running(EchoRelay(tmp_path / "b.sock", keys)) as b,
    ):
        gateway = await start(relay_urls=f"a={a.url},b={b.url}")
        nodes = gateway.app[NODES]
        first, second = (({"a": a, "b": b})[name] for name in nodes.order_for("ann"))
        first.is_ready = False
        await until(lambda: len(nodes.up) == 1)
        async with socket(gateway, ann):
            assert (len(first.callers), len(second.callers)) == (0, 1)


async def test_without_any_relay_the_upgrade_is_503(
    gateway: Gateway, relay: EchoRelay, ann: Somebody
) -> None:
    await relay.stop()
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, ann))
        answer = await raw.answer()
        assert (answer.status, answer.problem) == (503, "unavailable")
        assert answer.headers["Retry-After"]


async def test_the_relay_is_told_who_it_is_and_only_what_it_needs(
    gateway: Gateway, relay: EchoRelay, ann: Somebody
) -> None:
    forged = ("X-Forwarded-For: 6.6.6.6", "Authorization: Bearer forged", "X-Internal-User: 1")
    extension = "Sec-WebSocket-Extensions: permessage-deflate"
    async with await gateway.raw() as raw:
        await raw.send(upgrade(gateway, ann, *forged, extension, path="/messages/bob"))
        answer = await raw.answer()
    assert answer.status == 101
    assert "Sec-WebSocket-Extensions" not in answer.headers
    (received,) = relay.received
    assert received.target == "/messages/bob"
    assert {name.lower() for name in received.headers} == {
        *("host", "connection", "upgrade", "sec-websocket-key", "sec-websocket-version"),
        *("authorization", "x-internal-user", "x-request-id", "x-forwarded-for"),
    }
    assert received.headers["X-Forwarded-For"] == ["127.0.0.1"]
    assert len(received.headers["X-Internal-User"]) == 1
    (caller,) = relay.callers
    assert caller.program == "gateway"
    assert caller.user is not None
    assert (caller.user.id, caller.user.username, caller.user.session) == (ann.id, "ann", ann.session)
