"""How often somebody may try: counted in Redis for all auth processes, and in memory while Redis is away.

A log-in counts against its account and its address before any hash is computed, whether or not the account
exists. A device that the account's owner has logged in from is counted on its own instead, so strangers who guess,
even from the same address, do not lock the owner out.
"""

import time
from functools import partial
from hashlib import sha256
from uuid import UUID

from limits import RateLimitItemPerSecond
from limits.aio.storage.redis.bridge import RedisBridge

from shared.plumbing.limits.buckets import Buckets
from shared.plumbing.limits.rate_limit_key import rate_limit_key
from shared.plumbing.redis.client import Redis
from shared.plumbing.redis.script import Script
from shared.wire.problems import RateLimited

_TAKE = Script(RedisBridge.SCRIPT_ACQUIRE_MOVING_WINDOW.decode())
_WINDOW = Script(RedisBridge.SCRIPT_MOVING_WINDOW.decode())
"""The library's own, each about one key. By its own storage they would go through a client that needs ten times as long
and, in a cluster, another one."""

_MINUTE_S = 60
_HOUR_S = 3600


class Limit:
    """At most `amount` in any `seconds` for each key."""

    def __init__(self, name: str, amount: int, seconds: int) -> None:
        self.seconds = seconds
        self.item = RateLimitItemPerSecond(amount, seconds, namespace=name)
        self.in_memory = Buckets(rate=amount / seconds, burst=amount)


class Throttle:
    """Every method takes one try, or raises RateLimited. enabled: DUET_RATE_LIMITS."""

    def __init__(self, redis: Redis, *, enabled: bool) -> None:
        self._enabled = enabled
        self._redis = redis
        self._logins_of_account = Limit("login-account", 10, _MINUTE_S)
        self._logins_of_device = Limit("login-device", 10, _MINUTE_S)
        self._logins_of_address = Limit("login-address", 30, _MINUTE_S)
        self._sign_ups_of_address = Limit("sign-up-address", 20, _HOUR_S)
        self._renamings = Limit("rename", 20, _HOUR_S)
        self._invitations = Limit("invite", 40, _HOUR_S)
        self._tried_invitations = Limit("invite-address", 60, _MINUTE_S)
        self._password_changes = Limit("password-holder-address", 10, _MINUTE_S)
        self._password_changes_anywhere = Limit("password-holder", 30, _MINUTE_S)

    async def log_in(self, username: str, address: str, known_device: bytes | None) -> None:
        """username: folded, of an account or not. known_device: a token's hash, known for that account."""
        account = sha256(username.encode()).hexdigest()
        if known_device is not None:
            await self._take(self._logins_of_device, f"{account}:{known_device.hex()}")
        else:
            await self._take(self._logins_of_address, rate_limit_key(address))
            await self._take(self._logins_of_account, account)

    async def sign_up(self, address: str) -> None:
        await self._take(self._sign_ups_of_address, rate_limit_key(address))

    async def rename(self, user: int) -> None:
        await self._take(self._renamings, str(user))

    async def invite(self, inviter: int) -> None:
        await self._take(self._invitations, str(inviter))

    async def try_invite(self, address: str) -> None:
        """Whoever tries tokens that they were not given."""
        await self._take(self._tried_invitations, rate_limit_key(address))

    async def change_password(
        self, user: int, session: UUID, address: str, known_device: bytes | None
    ) -> None:
        """A stolen session must not be a way to guess the password, nor to keep its owner from changing it.

        So what counts is the session, or the device behind it, and the address. An owner whose thief tries from many
        addresses logs out, which ends the thief's tries too.
        """
        holder = f"{user}:{known_device.hex() if known_device is not None else session}"
        await self._take(self._password_changes, f"{holder}:{rate_limit_key(address)}")
        await self._take(self._password_changes_anywhere, holder)

    async def _take(self, limit: Limit, key: str) -> None:
        if not self._enabled:
            return
        wait_s = await self._redis.attempt(partial(self._in_redis, limit, key), None)
        if wait_s is None:
            wait_s = limit.in_memory.take(key)
        if wait_s > 0:
            raise RateLimited(wait_s, "Too many tries; wait a little before the next.")

    async def _in_redis(self, limit: Limit, key: str) -> float | None:
        """Seconds until there is a try; 0.0 if one was taken."""
        name, now = f"duet:limit:{limit.item.key_for(key)}", time.time()
        if await _TAKE.run(self._redis.hot, f"{now:.6f}", limit.item.amount, limit.seconds, 1, key=name):
            return 0.0
        window = await _WINDOW.run(self._redis.hot, f"{now - limit.seconds:.6f}", limit.item.amount, key=name)
        began = float(window[0]) if window else now
        return min(max(began + limit.seconds - now, 0.1), limit.seconds)
