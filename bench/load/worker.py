"""A generator process: runs what comes through the pipe, one command after the other."""

import asyncio
import os
from multiprocessing.connection import Connection
from typing import Any

import uvloop

from bench.load.crowd import Crowd
from bench.load.dialects import DIALECTS

Command = tuple[str, tuple[Any, ...]]


def main(pipe: "Connection[Any, Any]", dialect: str, run: int) -> None:
    """The process' body. Ends when the pipe is closed."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(pipe, Crowd(DIALECTS[dialect], run)))
    os._exit(0)  # thousands of sockets: closing them one by one gains nothing


async def _serve(pipe: "Connection[Any, Any]", crowd: Crowd) -> None:
    while True:
        try:
            # in a thread, because uvloop would leave the pipe non-blocking and large answers broken
            command: Command = await asyncio.to_thread(pipe.recv)
        except EOFError:
            return
        name, arguments = command
        try:
            pipe.send((True, await getattr(crowd, name)(*arguments)))
        except Exception as error:  # told to whoever gave the command
            pipe.send((False, repr(error)))
