"""argon2id off the event loop: a few threads, and a bounded queue. When it is full, callers get a 503."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from prometheus_client import Gauge

from shared.wire.problems import Unavailable

# OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, 2 iterations, 1 lane.
MEMORY_KIB = 19 * 1024
ITERATIONS = 2
LANES = 1

WORKERS = 2
MAX_WAITING = 64  # at some 30 ms each and two at a time: a second's wait
_FOR_OWNERS = 4  # one place in four is kept for those who have shown that an account is theirs
_SHARE = 5  # one address or account gets at most one place in five, enough for a minute's log-ins of one name

_PENDING = Gauge("duet_auth_hashes_pending", "Password hashes being computed or waiting")
T = TypeVar("T")


class Asker(NamedTuple):
    """Who wants a hash. key: an address or an account. owns: has a session or a known device of the account."""

    key: str
    owns: bool = False


class Hasher:
    """Makes and checks password hashes. Raises Unavailable when too many are waiting.

    fair: some places are kept free for owners, and one asker gets at most a share of all.
    """

    def __init__(
        self, executor: ThreadPoolExecutor, max_waiting: int = MAX_WAITING, *, fair: bool = True
    ) -> None:
        self._executor = executor
        self._max_pending = WORKERS + max_waiting
        self._max_strangers = self._max_pending - (max_waiting // _FOR_OWNERS if fair else 0)
        self._share = max(max_waiting // _SHARE, 1) if fair else self._max_pending
        self._pending = 0
        self._pending_of: Counter[Asker] = Counter()
        self._argon2 = PasswordHasher(time_cost=ITERATIONS, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._nobodys = self._argon2.hash(secrets.token_urlsafe())

    async def hash(self, password: str, asker: Asker) -> str:
        """A fresh salt and hash, in the PHC string format."""
        return await self.compute(lambda: self._argon2.hash(password), asker)

    async def verify(self, stored: str | None, password: str, asker: Asker) -> bool:
        """Whether `stored` is the hash of `password`. None (no such account) takes the same time and is False."""
        return await self.compute(lambda: self._matches(stored, password), asker)

    def is_outdated(self, stored: str) -> bool:
        """Whether `stored` was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(stored)

    def _matches(self, stored: str | None, password: str) -> bool:
        try:
            return self._argon2.verify(stored or self._nobodys, password) and stored is not None
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError):  # what is stored is no hash
            self._argon2.hash(password)
            return False

    @property
    def pending(self) -> int:
        """Hashes being computed or waiting."""
        return self._pending

    async def compute(self, work: Callable[[], T], asker: Asker) -> T:
        """What `work` returns, done in a thread once it has a place."""
        most = self._max_pending if asker.owns else self._max_strangers
        if self._pending >= most or self._pending_of[asker] >= self._share:
            raise Unavailable("Too many people are logging in just now; try again in a moment.")
        self._count(asker, +1)
        future = self._executor.submit(work)
        loop = asyncio.get_running_loop()
        # Counted until the work ends, even if the caller is cancelled earlier.
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._count, asker, -1))
        return await asyncio.wrap_future(future)

    def _count(self, asker: Asker, change: int) -> None:
        self._pending += change
        self._pending_of[asker] += change
        if not self._pending_of[asker]:
            del self._pending_of[asker]
        _PENDING.set(self._pending)


@contextmanager
def hasher(*, fair: bool = True) -> Iterator[Hasher]:
    """A hasher and its threads, for the length of the block."""
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="argon2") as executor:
        yield Hasher(executor, fair=fair)
