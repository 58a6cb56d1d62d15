"""Hints and notices on their way into the streams of the nodes that need them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple, cast

from msgspec.structs import asdict

from shared.plumbing.redis import cluster_directory
from shared.plumbing.redis.client import Redis
from shared.plumbing.redis.cluster_directory import Item
from shared.plumbing.redis.connection import Word
from shared.plumbing.redis.directory import NODES_OF, stream_of
from shared.plumbing.redis.script import Script
from shared.plumbing.telemetry.traces import NO_SPANS, Span
from shared.wire import codec
from shared.wire.link import MAX_BATCH
from shared.wire.log import Delivery, Hinted, Notice, StreamEntry

FIELD = b"e"
"""The one field of an entry; its value is the JSON of a StreamEntry."""

MAX_LENGTH = 2000
"""Roughly how many entries a stream keeps while its node does not read. What is trimmed is read from the log."""

KEPT_MS = 5 * 60 * 1000
"""How long a stream is kept after its last entry: its node may be gone for good."""

_MAX_ITEMS_A_CALL = 1000
_DELIVERY, _NOTICE = "d", "n"

# ARGV: how long a stream may get, for how many ms it is kept, how many items an entry may hold, the log as JSON; then
# for each item its kind, who asked, two users (the second may be 0) and its JSON.
_PUBLISH = Script(
    NODES_OF
    + """
local waiting = {}
local function add(node)
  local entry = waiting[node]
  waiting[node] = nil
  local stream = 'duet:stream:' .. node
  redis.call('XADD', stream, 'MAXLEN', '~', ARGV[1], '*', 'e',
    '[[' .. table.concat(entry.d, ',') .. '],[' .. table.concat(entry.n, ',') .. '],' .. ARGV[4] .. ']')
  redis.call('PEXPIRE', stream, ARGV[2])
end
local most = tonumber(ARGV[3])
for i = 5, #ARGV, 5 do
  local kind = ARGV[i]
  local told = {[ARGV[i + 1]] = true}
  for place = i + 2, i + 3 do
    for _, node in ipairs(nodes_of(ARGV[place])) do
      if not told[node] then
        told[node] = true
        local entry = waiting[node]
        if entry == nil then
          entry = {d = {}, n = {}, size = 0}
          waiting[node] = entry
        end
        table.insert(entry[kind], ARGV[i + 4])
        entry.size = entry.size + 1
        if entry.size == most then add(node) end
      end
    end
  end
end
for node in pairs(waiting) do add(node) end
"""
)


class Told(NamedTuple):
    """For every node that holds a member or reader, except `asking`, which already knows ("": no such node).

    log: which one the deliveries are of; "" without any. spans: of the deliveries that are traced, by their places.
    """

    asking: str
    deliveries: Sequence[Delivery] = ()
    notices: Sequence[Notice] = ()
    log: str = ""
    spans: Mapping[int, Span] = NO_SPANS


async def publish(redis: Redis, told: Sequence[Told]) -> int:
    """Finds the users' nodes and writes one entry for each node, in one round trip (in a cluster, two). Of several logs
    only the last is worth a hint.

    How many items were not taken: some or all, while Redis is away.
    """
    log = next(filter(None, (one.log for one in reversed(told))), "")
    items = [item for one in told if one.log in ("", log) for item in _items(one)]
    lost = 0
    for start in range(0, len(items), _MAX_ITEMS_A_CALL):
        part = items[start : start + _MAX_ITEMS_A_CALL]
        if not await redis.attempt(partial(_run, redis, codec.encode(log), part), False):
            lost += len(part)
    return lost


async def _run(redis: Redis, log: bytes, items: Sequence[Item]) -> bool:
    if await redis.hot.clustered():
        await cluster_directory.publish(redis, items, log, MAX_BATCH, ("MAXLEN", "~", MAX_LENGTH), KEPT_MS)
    else:
        words = cast("Iterator[Word]", chain.from_iterable(items))
        await _PUBLISH.run(redis.hot, MAX_LENGTH, KEPT_MS, MAX_BATCH, log, *words)
    return True


async def write_nothing(redis: Redis, node: str) -> None:
    """An entry with nothing in it, by the commands that hints need. Raises as they do."""
    stream = stream_of(node)
    if not await redis.hot.clustered():
        await _PUBLISH.run(redis.hot, MAX_LENGTH, KEPT_MS, MAX_BATCH, codec.encode(""))
    await redis.hot.ask(
        ("XADD", stream, "MAXLEN", "~", MAX_LENGTH, "*", FIELD, codec.encode(StreamEntry())),
        ("PEXPIRE", stream, KEPT_MS),
    )


def _items(told: Told) -> Iterator[Item]:
    for delivery in _traced(told) if told.spans else told.deliveries:
        yield _DELIVERY, told.asking, delivery.low, delivery.high, codec.encode(delivery)
    for notice in told.notices:
        yield _NOTICE, told.asking, notice.user, 0, codec.encode(notice)


def _traced(told: Told) -> Iterator[Delivery]:
    for place, delivery in enumerate(told.deliveries):
        span = told.spans.get(place)
        yield Hinted(**asdict(delivery), trace=span.place.traceparent) if span else delivery
