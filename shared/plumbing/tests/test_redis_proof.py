"""A Redis that answers and yet does not do what we need: readiness says so, and what is wrong, until it is mended."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.embedded.running import running_valkey
from shared.embedded.valkey import ValkeyServer
from shared.plumbing.redis.client import Redis, redis
from shared.plumbing.redis.proof import RedisProof
from shared.plumbing.redis.streams import write_nothing


@pytest.fixture(scope="module")
def server(server_directory: Path) -> Iterator[ValkeyServer]:
    """One that may be spoilt."""
    with running_valkey(server_directory / "spoilt") as started:
        yield started


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.plumbing.redis.client._DOUBT_S", 0.05)


@pytest.fixture
async def opened(server: ValkeyServer) -> AsyncIterator[Redis]:
    async with redis(server.url) as commands:
        yield commands


async def until_ok(proof: RedisProof) -> None:
    async with asyncio.timeout(20):
        while await proof.check() != "ok":
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("spoil", "mend", "wrong"),
    [
        ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", "is a replica, which takes no writes (READONLY)"),
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 512mb", "its memory is full (OOM)"),
        (
            "ACL SETUSER default -xadd -set",
            "ACL SETUSER default +@all",
            "a command or key that we need (NOPERM)",
        ),
        (
            "ACL SETUSER default resetkeys ~other:*",
            "ACL SETUSER default ~*",
            "a command or key that we need (NOPERM)",
        ),
        ("ACL SETUSER default resetpass >secret", "ACL SETUSER default nopass", "has none (NOAUTH)"),
    ],
)
async def test_what_is_wrong_is_said_until_it_is_mended(
    server: ValkeyServer, spoil: str, mend: str, wrong: str
) -> None:
    async with redis(server.url) as opened:
        for prove in (partial(write_nothing, opened, "relay-1"), None):
            proof = RedisProof(opened, prove)
            await until_ok(proof)
            proof = RedisProof(opened, prove)
            if "resetpass" in spoil:
                opened.hot.close()
            assert server.ask(spoil).startswith("+OK")
            try:
                said = await proof.check()
                assert said.startswith("degraded: ")
                assert wrong in said
            finally:
                _ask_as(server, spoil, mend)
            await until_ok(proof)


def _ask_as(server: ValkeyServer, spoil: str, mend: str) -> None:
    if "resetpass" in spoil:
        assert "+OK" in server.ask(f"AUTH secret\r\n{mend}")
        return
    assert server.ask(mend).startswith("+OK")


async def test_a_wrong_password_is_said(server: ValkeyServer) -> None:
    path = server.url.removeprefix("unix://")
    async with redis(f"unix://duet:wrong@{path}") as opened:
        assert "does not accept our name or password" in await RedisProof(opened).check()


async def test_a_fault_is_logged_once_and_its_end_once_although_other_commands_go_well(
    server: ValkeyServer, opened: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await until_ok(RedisProof(opened))
    monkeypatch.setattr("shared.plumbing.redis.client._DOUBT_S", 60.0)
    before = REGISTRY.get_sample_value("duet_redis_faults_total", {"kind": "refused"}) or 0
    with capture_logs() as logs:
        for _ in range(3):
            assert await opened.attempt(lambda: opened.hot.ask(("NONSENSE", "duet:user:1")), None) is None
            assert await opened.attempt(lambda: opened.hot.ask(("PING",)), None) == [b"PONG"]
        assert REGISTRY.get_sample_value("duet_redis_well") == 0
        opened._doubt_until = 0.0
        await opened.attempt(lambda: opened.hot.ask(("PING",)), None)
    said = [(entry["event"], entry.get("why") or entry["was"]) for entry in logs]
    sentence = "Redis refuses a command that we need (ERR unknown command)"
    assert said == [("redis fails", sentence), ("redis works again", sentence)]
    assert REGISTRY.get_sample_value("duet_redis_well") == 1
    assert REGISTRY.get_sample_value("duet_redis_faults_total", {"kind": "refused"}) == before + 3


async def test_a_proof_is_given_once_for_all_who_ask_within_seconds(opened: Redis) -> None:
    given = 0

    async def prove() -> None:
        nonlocal given
        given += 1

    proof = RedisProof(opened, prove)
    assert await asyncio.gather(*(proof.check() for _ in range(5))) == ["ok"] * 5
    assert given == 1
