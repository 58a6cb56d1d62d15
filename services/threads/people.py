"""Who is who, as auth tells it: names and ids never change; display names, last_seen and what is shown may."""

import asyncio
import time
from collections.abc import Hashable, Iterable
from typing import TypeVar

from shared.plumbing.batch_loader import BatchLoader
from shared.plumbing.http.rpc import Peer
from shared.plumbing.remembered import Remembered
from shared.wire.accounts import Profile, Profiles, ProfilesById, ProfilesByName, Seeing
from shared.wire.ids import is_username
from shared.wire.problems import NotFound, Problem, Unavailable

PROFILE_MAX_AGE_S = 4.0
"""What somebody changes about themselves holds within 5 s."""

_ANSWER_WITHIN_S = 1.0
"""A whole batch of sends waits for this, and a relay drops a link that has not answered within three seconds."""

_MAX_NAMES_A_CALL = 256
_MAX_IDS_A_CALL = 1000
_MAX_REMEMBERED = 200_000

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class People:
    """Accounts by name and by id. Unknown ones are asked of auth, again each time.

    An auth that takes a question but does not answer within a second counts as away.
    """

    def __init__(self, auth: Peer) -> None:
        self._auth = auth
        self._ids: Remembered[str, int] = Remembered(_MAX_REMEMBERED)
        self._names: Remembered[int, str] = Remembered(_MAX_REMEMBERED)
        self._profiles: Remembered[int, tuple[float, Profile]] = Remembered(_MAX_REMEMBERED)
        self._by_name = BatchLoader(self._ask_by_name, _MAX_NAMES_A_CALL)
        self._by_id = BatchLoader(self._ask_by_id, _MAX_IDS_A_CALL)

    def learn(self, user: int, name: str) -> None:
        """Remembers that `user` is called `name`, as a trusted program says."""
        self._ids.put(name, user)
        self._names.put(user, name)

    def forget(self) -> None:
        """A part of everything is lost, perhaps accounts, too: their names may be somebody else's one day."""
        self._ids.clear()
        self._names.clear()
        self._profiles.clear()

    async def ids(self, names: Iterable[str]) -> dict[str, int | None]:
        """Each name's user id, None if nobody has it. Names for which auth is needed while it is away are left out."""
        found: dict[str, int | None] = {}
        unknown = []
        for name in names:
            user = self._ids.get(name)
            if user is not None:
                found[name] = user
            elif is_username(name):
                unknown.append(name)
            else:
                found[name] = None
        if unknown:
            try:
                answer = await _answers(self._by_name, unknown)
            except Problem:
                return found
            found.update((name, answer.get(name)) for name in unknown)
        return found

    async def id(self, name: str) -> int:
        """Raises NotFound, or auth's problem when it is needed and away."""
        user = self._ids.get(name)
        if user is None and is_username(name):
            user = (await _answers(self._by_name, [name])).get(name)
        if user is None:
            raise NotFound("Nobody has this name")
        return user

    async def names(self, users: Iterable[int]) -> dict[int, str]:
        """The usernames of accounts that exist. Raises auth's problem when it is needed and away."""
        wanted = set(users)
        found = {user: name for user in wanted if (name := self._names.get(user)) is not None}
        if unknown := wanted - found.keys():
            answer = await _answers(self._by_id, unknown)
            found.update((user, profile.username) for user, profile in answer.items())
        return found

    async def profiles(self, users: Iterable[int]) -> dict[int, Profile]:
        """At most 4 s old; older ones, where there are any, while auth is away."""
        wanted = set(users)
        found, problem = await self._known(wanted)
        if problem is not None and wanted - found.keys():
            raise problem
        return found

    async def seeing(self, users: Iterable[int]) -> dict[int, Seeing]:
        """What these people let others see, of those of whom it is known: as old as profiles."""
        found, _ = await self._known(set(users))
        return {user: profile.seeing for user, profile in found.items()}

    async def _known(self, wanted: set[int]) -> tuple[dict[int, Profile], Problem | None]:
        """The profiles that are there, and why others are not."""
        found: dict[int, Profile] = {}
        missing, since = [], time.monotonic() - PROFILE_MAX_AGE_S
        for user in wanted:
            known = self._profiles.get(user)
            if known is not None:
                found[user] = known[1]
            if known is None or known[0] <= since:
                missing.append(user)
        if not missing:
            return found, None
        try:
            answer = await _answers(self._by_id, missing)
        except Problem as problem:
            return found, problem
        return found | answer, None

    async def _ask_by_name(self, names: list[str]) -> dict[str, int]:
        answer = await self._auth.call(
            "POST", "/internal/users/by-name", ProfilesByName(names), of=Profiles, idempotent=True
        )
        self._keep(answer)
        return {profile.username: profile.user for profile in answer.profiles}

    async def _ask_by_id(self, users: list[int]) -> dict[int, Profile]:
        answer = await self._auth.call(
            "POST", "/internal/users/by-id", ProfilesById(users), of=Profiles, idempotent=True
        )
        self._keep(answer)
        return {profile.user: profile for profile in answer.profiles}

    def _keep(self, answer: Profiles) -> None:
        now = time.monotonic()
        for profile in answer.profiles:
            self.learn(profile.user, profile.username)
            self._profiles.put(profile.user, (now, profile))


async def _answers(questions: BatchLoader[K, V], keys: Iterable[K]) -> dict[K, V]:
    """Raises auth's problem, or Unavailable when it is silent; others may still get the answer when it comes."""
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            return await questions.get(keys)
    except TimeoutError:
        raise Unavailable("auth does not answer") from None
