"""Who may connect, and who is disconnected."""

import asyncio
import time
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from services.relay.revoke import Revocations
from services.relay.tests.cluster import Cluster, vouched
from shared.plumbing.identity import VOUCHED_HEADER
from shared.testing.pace import slowness


async def refused(cluster: Cluster, headers: dict[str, str], path: str = "/messages") -> int:
    """The status that an upgrade with these headers gets."""
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(cluster.path("relay-1"))) as http,
        http.get(f"http://duet{path}", headers={**upgrade, **headers}) as response,
    ):
        assert response.status == 101 or response.content_type == "application/problem+json"
        return response.status


async def test_a_session_that_ends_loses_its_sockets_within_two_seconds_and_no_other(
    cluster: Cluster,
) -> None:
    phone = await cluster.connect("ann", "relay-1")
    other = cluster.socket("ann", "relay-2", session=uuid4())
    await other.connect()
    began = time.monotonic()
    await cluster.call("auth", "DELETE", "/api/session", as_="ann")
    assert await phone.closed() == 4501
    assert time.monotonic() - began < 2.5 * slowness()
    await other.send("bob", "still here")
    await other.acknowledged()


async def test_a_token_does_not_outlive_its_session(cluster: Cluster) -> None:
    headers = cluster.identity("ann", "relay")
    await cluster.connect("ann")
    await cluster.call("auth", "DELETE", "/api/session", as_="ann")
    node = cluster.node("relay-1")
    async with asyncio.timeout(5):
        while not node.revocations.has_ended(cluster.people["ann"].session):
            await asyncio.sleep(0.05)
    assert await refused(cluster, headers) == 401


async def test_only_a_user_whom_the_gateway_vouches_for_comes_in(cluster: Cluster) -> None:
    tokens = cluster.tokens
    assert await refused(cluster, {}) == 401
    assert await refused(cluster, {"Authorization": "Bearer nonsense"}) == 401
    assert await refused(cluster, cluster.identity("ann", "threads")) == 401, "a token for another service"
    assert await refused(cluster, tokens.program("threads", "relay")) == 403, "a service for itself"
    assert await refused(cluster, tokens.program("gateway", "relay")) == 401, "the gateway for itself"
    assert await refused(cluster, tokens.user(1, "ann", audience="relay")) == 403, (
        "a user without the gateway"
    )
    ann = {VOUCHED_HEADER: vouched(cluster, "ann")}
    assert await refused(cluster, {**tokens.program("threads", "relay"), **ann}) == 403, (
        "a service for a user"
    )
    assert await refused(cluster, {**tokens.program("gateway", "threads"), **ann}) == 401, (
        "to another service"
    )
    assert await refused(cluster, ann) == 401, "nobody for a user"
    odd = {VOUCHED_HEADER: '{"id":1,"username":"ann"}'}
    assert await refused(cluster, {**tokens.program("gateway", "relay"), **odd}) == 401, "without a session"


async def test_an_upgrade_that_is_not_right_is_a_problem(cluster: Cluster) -> None:
    changes = [
        {"Upgrade": "h2c"},
        {"Connection": "keep-alive"},
        {"Sec-WebSocket-Version": "8"},
        {"Sec-WebSocket-Key": "short"},
        {"Sec-WebSocket-Protocol": "mqtt, soap"},
        {"Content-Length": "5"},
    ]
    for change in changes:
        assert await refused(cluster, {**cluster.identity("ann", "relay"), **change}) == 400, change


async def test_a_node_is_not_ready_before_auth_has_named_the_ended_sessions(cluster: Cluster) -> None:
    await cluster.stop("relay-1")
    await cluster.stop("auth")
    await cluster.start("relay-1")
    status, body = await cluster.ready("relay-1")
    assert status == 503
    assert body["sessions"].startswith("failing")
    await cluster.start("auth")
    async with asyncio.timeout(10):
        while status != 200:
            status, body = await cluster.ready("relay-1")
    assert body["sessions"] == "ok"


async def test_a_node_that_may_have_missed_an_ending_sends_everybody_through_the_gateway_again(
    cluster: Cluster,
) -> None:
    """After 80 s without an answer: the list goes 90 s back."""
    ann, node, now = await cluster.connect("ann"), cluster.node("relay-1"), [0.0]
    revocations = Revocations(
        node.calls, node.end_sessions, node.settings.told, node.restart_all, lambda: now[0]
    )
    await revocations.ask()
    now[0] = 79.0
    await revocations.ask()
    assert ann.close_code is None
    now[0] += 81.0
    await revocations.ask()
    assert await ann.closed() == 1012


@pytest.mark.parametrize(
    "aged",
    [
        "UPDATE auth.sessions SET last_used_at = now() - interval '15 days' WHERE id = $1",
        "UPDATE auth.sessions SET created_at = now() - interval '91 days' WHERE id = $1",
    ],
)
async def test_a_session_that_expires_loses_its_sockets_and_no_other(aged: str, cluster: Cluster) -> None:
    """Unused for too long, or too old: no call ends it, and no list names it."""
    ann, bob = await cluster.connect("ann"), await cluster.connect("bob")
    await cluster.node("relay-1").expiry.ask()
    assert ann.close_code is None
    connection = await asyncpg.connect(cluster.database_url)
    await connection.execute(aged, cluster.people["ann"].session)
    await connection.close()
    await cluster.node("relay-1").expiry.ask()
    assert await ann.closed() == 4501
    await bob.send("ann", "still here")
    await bob.acknowledged()
