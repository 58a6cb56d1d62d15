"""Deletes what moved threads have left behind, and what a mover that died has copied for nothing.

A few rows at a time, with a rest after each: who writes and reads there is not to notice. Rows go only while another
server has their thread with all its events.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

from services.threads.queries import strays
from services.threads.shard_server import Server
from shared.plumbing.failpoints import reach

_THREADS = 200
_ROWS = 2_000


async def tidy(found: Sequence[Server], say: Callable[[str], None]) -> int:
    """How many threads were tidied away. What is whole nowhere else is kept, and said."""
    return sum([await _tidy(server, [one for one in found if one is not server], say) for server in found])


async def _tidy(server: Server, others: Sequence[Server], say: Callable[[str], None]) -> int:
    last = kept = done = 0
    while ids := await strays.strays(server.conn, last, _THREADS):
        last = ids[-1]
        whole: set[int] = set()
        for other in others:
            whole |= await strays.whole(other.conn, [one for one in ids if one not in whole])
        more, going = bool(whole), sorted(whole)
        while more:
            started = time.monotonic()
            more = await strays.tidy(server.conn, going, _ROWS)
            await reach("threads.some_tidied")
            await asyncio.sleep(time.monotonic() - started)
        kept += len(ids) - len(whole)
        done += len(whole)
    if kept:
        say(f"{server.name}: rows of {kept:,} threads are kept, which no other server has whole")
    return done
