"""The composition root: config, lifetimes, routes."""

from collections.abc import AsyncIterator
from functools import partial

from aiohttp import web

from services.relay.config import Config
from services.relay.drain import drain
from services.relay.keys import NODE
from services.relay.node import Node
from services.relay.routes import ROUTES
from services.relay.transport.handoff import HandoffListener
from shared.plumbing.app import DRAIN, READY_CHECKS, SIGNER, build_app
from shared.plumbing.http.rpc import peer
from shared.plumbing.redis.client import redis
from shared.plumbing.redis.proof import RedisProof
from shared.plumbing.transport.address import Address
from shared.plumbing.transport.socket_handoff import channel_path


def build(config: Config) -> web.Application:
    """One relay node."""

    async def lifetime(app: web.Application) -> AsyncIterator[None]:
        async with (
            peer("threads", config.threads_url, app[SIGNER]) as threads,
            peer("auth", config.auth_url, app[SIGNER]) as auth,
            redis(config.redis_url) as opened_redis,
        ):
            node = Node(config, threads, auth, opened_redis)
            app[NODE] = node
            checks = app[READY_CHECKS]
            checks |= {
                "sessions": node.revocations.check,
                "link": node.link.check,
                "redis": RedisProof(opened_redis, partial(node.consumer.prove, opened_redis)).check,
            }
            async with node.running():
                with HandoffListener(app).listening(channel_path(Address.parse(config.listen))):
                    yield

    app = build_app("relay", config, ROUTES, [lifetime])
    app[DRAIN].append(lambda app: drain(app[NODE]))
    return app
