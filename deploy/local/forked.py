"""The supervisor's side of the fork server: it starts programs there, and hears of their ends."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from deploy.local import logs
from deploy.local.fork_server import Order
from deploy.local.program import Program

_LONGEST_ANSWER_BYTES = 1024


class ForkedProcess:
    """What asyncio.subprocess.Process is, as far as it is needed: the fork server is the parent, not we."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = asyncio.Event()

    def send_signal(self, number: int) -> None:
        """Raises ProcessLookupError."""
        os.kill(self.pid, number)

    async def wait(self) -> int:
        await self._ended.wait()
        return self.returncode or 0

    def end(self, code: int) -> None:
        """It has ended. code: negative for a signal."""
        self.returncode = code
        self._ended.set()


class ForkServer:
    """One at a time: a new one once it has died, with whom all its programs end. environment: its own."""

    def __init__(self, environment: Mapping[str, str], directory: Path, log_file: Path) -> None:
        self._environment = environment
        self._directory = directory
        self._log_file = log_file
        self._process: asyncio.subprocess.Process | None = None
        self._socket: socket.socket | None = None
        self._starting: deque[asyncio.Future[ForkedProcess]] = deque()
        self._children: dict[int, ForkedProcess] = {}
        self._beginning = asyncio.Lock()

    async def begin(self) -> None:
        """Begins to import, so that it is done when the first program is to start."""
        await self._connected()

    async def end(self) -> None:
        """With whatever still runs there."""
        self._hang_up()
        if self._process is not None:
            await self._process.wait()

    async def start(self, program: Program, log: IO[bytes]) -> ForkedProcess:
        """Raises OSError."""
        connection = await self._connected()
        order = Order(program.name, program.module, dict(program.options["env"]), str(program.options["cwd"]))
        started: asyncio.Future[ForkedProcess] = asyncio.get_running_loop().create_future()
        self._starting.append(started)
        try:
            socket.send_fds(connection, [order.encode()], [log.fileno()])
        except ConnectionError:  # it has ended, and was not heard to
            self._hang_up()
        except OSError:
            self._starting.remove(started)
            raise
        return await started

    async def _connected(self) -> socket.socket:
        async with self._beginning:
            if self._socket is None:
                self._socket = await self._begin()
            return self._socket

    async def _begin(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, logs.open_log(self._log_file) as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "deploy.local.fork_server", str(theirs.fileno())),
                pass_fds=[theirs.fileno()], stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, env=self._environment, cwd=self._directory,
            )  # fmt: skip
        asyncio.get_running_loop().add_reader(ours, self._hear, ours)
        return ours

    def _hear(self, connection: socket.socket) -> None:
        try:
            packet = connection.recv(_LONGEST_ANSWER_BYTES)
        except OSError:
            packet = b""
        if not packet:
            self._hang_up()
            return
        pid, *code = json.loads(packet)
        if code:
            self._children.pop(pid).end(*code)
        else:
            child = self._children[pid] = ForkedProcess(pid)
            self._starting.popleft().set_result(child)

    def _hang_up(self) -> None:
        """Ends it, and whatever still runs there: nobody would say when that ends."""
        if self._socket is None:
            return
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        self._socket = None
        for child in self._children.values():
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(signal.SIGKILL)
            child.end(-signal.SIGKILL)
        self._children.clear()
        for started in self._starting:
            started.set_exception(ConnectionError(f"the fork server has ended: see {self._log_file}"))
        self._starting.clear()
