"""Hot commands to a real Valkey: each caller gets its own answer, even if others give up, fail or are cut off."""

import asyncio
import contextlib
import select
import socket
import time
from collections.abc import AsyncIterator

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError

from shared.plumbing.redis.connection import RedisConnection


@pytest.fixture
async def connection(clean_redis_url: str) -> AsyncIterator[RedisConnection]:
    opened = RedisConnection(clean_redis_url, timeout_s=2.0)
    yield opened
    opened.close()


async def test_many_at_once_each_get_their_own_answers(connection: RedisConnection) -> None:
    texts = [f"text {number}" * (number * 100 + 1) for number in range(50)]
    answers = await asyncio.gather(*(connection.ask(("ECHO", text), ("ECHO", "x")) for text in texts))
    assert answers == [[text.encode(), b"x"] for text in texts]


async def test_who_gives_up_shifts_nobodys_answer(connection: RedisConnection) -> None:
    await connection.ask(("PING",))
    tasks = [asyncio.create_task(connection.ask(("ECHO", number))) for number in range(10)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.wait(tasks)
    assert [task.result() for task in tasks[1::2]] == [[b"%d" % number] for number in range(1, 10, 2)]


async def test_a_command_that_fails_fails_for_its_caller_alone(connection: RedisConnection) -> None:
    bad = asyncio.create_task(connection.ask(("SET", "key", "text"), ("INCR", "key")))
    good = asyncio.create_task(connection.ask(("GET", "key")))
    with pytest.raises(ResponseError):
        await bad
    assert await good == [b"text"]
    with pytest.raises(NoScriptError):
        await connection.ask(("EVALSHA", "0" * 40, 0))


async def test_an_answer_that_lay_there_while_the_process_had_no_turn_is_in_time(
    clean_redis_url: str,
) -> None:
    connection = RedisConnection(clean_redis_url, timeout_s=0.05)
    with contextlib.closing(connection):
        await connection.ask(("PING",))
        asking = asyncio.create_task(connection.ask(("ECHO", "x")))
        await asyncio.sleep(0)
        ends = time.monotonic() + 0.05
        while time.monotonic() <= ends:
            select.select([socket_of(connection)], [], [])
        assert await asking == [b"x"]


def socket_of(connection: RedisConnection) -> socket.socket:
    opened = connection._first._connection
    assert opened is not None
    assert opened._transport is not None
    found: socket.socket = opened._transport.get_extra_info("socket")
    return found


async def test_a_lost_connection_fails_those_who_wait_and_the_next_has_a_new_one(
    connection: RedisConnection,
) -> None:
    [before] = await connection.ask(("CLIENT", "ID"))
    waiting = asyncio.create_task(connection.ask(("XREAD", "BLOCK", 60_000, "STREAMS", "none", "0")))
    await asyncio.sleep(0)
    other = RedisConnection(connection.url, timeout_s=2.0)
    await other.ask(("CLIENT", "KILL", "ID", before))
    other.close()
    with pytest.raises(RedisConnectionError):
        await waiting
    [after] = await connection.ask(("CLIENT", "ID"))
    assert after != before


async def test_an_answer_that_does_not_come_is_a_timeout_and_never_anybody_elses(
    clean_redis_url: str,
) -> None:
    connection = RedisConnection(clean_redis_url, timeout_s=0.1)
    with pytest.raises(TimeoutError):
        await connection.ask(("XREAD", "BLOCK", 60_000, "STREAMS", "none", "0"))
    assert await connection.ask(("ECHO", "mine")) == [b"mine"]
    connection.close()
