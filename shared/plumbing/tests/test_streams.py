"""Publishing: what a stream costs when nobody reads it."""

import msgspec

from shared.plumbing.redis.client import redis
from shared.plumbing.redis.directory import Membership, stream_of
from shared.plumbing.redis.streams import KEPT_MS, Told, publish
from shared.wire.log import Notice


async def test_the_stream_of_a_node_that_is_gone_is_not_kept_for_ever(clean_redis_url: str) -> None:
    async with redis(clean_redis_url) as opened:
        node = Membership(opened, "one")
        await node.renew()
        await node.join(1)
        await publish(opened, [Told("", notices=[Notice(1, msgspec.Raw(b"{}"))])])
        [left_ms] = await opened.hot.ask(("PTTL", stream_of("one")))
        assert 0 < left_ms <= KEPT_MS
