"""A program as the supervisor sees one: answers /health/ready, ends on SIGTERM. Run as a process.

The tests start some 200 of them: without asyncio each does so in a third of the time. It writes `<name> begun` and
`<name> ended` lines to the file DUET_STANDIN_DIARY, and reads DUET_STANDIN_FAULTS, e.g. `auth=crash,relay-1=deaf`:
crash at once; deaf to SIGTERM; unready forever; hopeless: the same, and not waited for long.
"""

import contextlib
import os
import select
import signal
import socket
import sys
from types import FrameType

NAME = os.environ["DUET_NODE"]
FAULT = dict(part.split("=") for part in os.environ.get("DUET_STANDIN_FAULTS", "").split(",") if part).get(
    NAME
)


def note(what: str) -> None:
    with open(os.environ["DUET_STANDIN_DIARY"], "a") as diary:
        diary.write(f"{NAME} {what}\n")


def answer(client: socket.socket) -> None:
    with client:
        client.recv(65_536)  # a probe's few lines come at once
        status = "503 Service Unavailable" if FAULT in {"unready", "hopeless"} else "200 OK"
        with contextlib.suppress(OSError):  # who asked may have gone
            client.sendall(f"HTTP/1.1 {status}\r\nConnection: close\r\n\r\nfor a reason".encode())


def listening() -> list[socket.socket]:
    servers = []
    if NAME == "gateway":
        servers.append(socket.create_server((os.environ["DUET_BIND"], int(os.environ["DUET_PORT"]))))
    servers.append(socket.socket(socket.AF_UNIX))
    servers[-1].bind(os.environ["DUET_LISTEN"].removeprefix("unix:"))
    servers[-1].listen()
    return servers


def end(number: int, frame: FrameType | None) -> None:
    note("ended")
    sys.exit()


if FAULT == "crash":
    sys.exit("the database of my dreams is missing")
servers = listening()
signal.signal(signal.SIGTERM, signal.SIG_IGN if FAULT == "deaf" else end)
note("begun")
while True:
    for server in select.select(servers, [], [])[0]:
        answer(server.accept()[0])
