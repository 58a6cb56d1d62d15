"""A program as the supervisor sees one: answers /health/ready, ends on SIGTERM. Run as a process.

It writes `<name> begun` and `<name> ended` lines to the file DUET_STANDIN_DIARY, and reads
DUET_STANDIN_FAULTS, e.g. `auth=crash,relay-1=deaf`: crash at once; deaf to SIGTERM; unready forever;
hopeless: the same, and not waited for long.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

NAME = os.environ["DUET_NODE"]
FAULT = dict(part.split("=") for part in os.environ.get("DUET_STANDIN_FAULTS", "").split(",") if part).get(
    NAME
)


def note(what: str) -> None:
    with Path(os.environ["DUET_STANDIN_DIARY"]).open("a") as diary:
        diary.write(f"{NAME} {what}\n")


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    status = "503 Service Unavailable" if FAULT in {"unready", "hopeless"} else "200 OK"
    writer.write(f"HTTP/1.1 {status}\r\nConnection: close\r\n\r\nfor a reason".encode())
    await writer.drain()
    writer.close()


async def main() -> None:
    if FAULT == "crash":
        sys.exit("the database of my dreams is missing")
    servers: list[asyncio.Server] = []
    if NAME == "gateway":
        port = int(os.environ["DUET_PORT"])
        servers.append(await asyncio.start_server(answer, os.environ["DUET_BIND"], port))
    servers.append(await asyncio.start_unix_server(answer, os.environ["DUET_LISTEN"].removeprefix("unix:")))
    stop = asyncio.Event()
    if FAULT != "deaf":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    else:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note("begun")
    await stop.wait()
    for server in servers:
        server.close()
    note("ended")


asyncio.run(main())
