"""Asking several shards at once, of which some may be away."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog

PATIENCE_S = 1.5
"""A relay gives a link up after 3 s without an answer or a beat: a shard that hangs must not take the others along."""

T = TypeVar("T")
Call = Callable[[], Awaitable[T]]
log = structlog.get_logger()


async def all_or_some(calls: Sequence[Call[T]]) -> list[T]:
    """What they answer, one a shard, without those that fail, or hang. Raises what the first raises if all do."""
    if len(calls) == 1:
        return [await calls[0]()]
    told = await asyncio.gather(*map(_in_time, calls), return_exceptions=True)
    return _found(told, needed=True)


async def answers(calls: Sequence[Call[T]]) -> list[T]:
    """The same, where it may be none."""
    return _found(await asyncio.gather(*map(_in_time, calls), return_exceptions=True), needed=False)


def _found(told: Sequence[T | BaseException], *, needed: bool) -> list[T]:
    found = [one for one in told if not isinstance(one, BaseException)]
    for error in told:
        if isinstance(error, BaseException):
            if (needed and not found) or not isinstance(error, Exception):
                raise error
            log.warning("a part of the log is away", error=repr(error))
    return found


async def _in_time(call: Call[T]) -> T:
    async with asyncio.timeout(PATIENCE_S):
        return await call()
