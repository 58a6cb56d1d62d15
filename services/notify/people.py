"""What people are called."""

import time
from collections.abc import Iterable

from shared.plumbing.http.rpc import Peer
from shared.plumbing.remembered import Remembered
from shared.wire.accounts import Profiles, ProfilesById

_MAX_AGE_S = 60.0
_MAX_REMEMBERED = 10_000


class People:
    """Display names, at most a minute old."""

    def __init__(self, auth: Peer) -> None:
        self._auth = auth
        self._names: Remembered[int, tuple[float, str]] = Remembered(_MAX_REMEMBERED)

    async def names(self, users: Iterable[int]) -> dict[int, str]:
        """Of at most 1000, those that exist. Raises auth's problem when it is needed and away."""
        wanted, now = set(users), time.monotonic()
        known = {user: self._names.get(user) for user in wanted}
        found = {user: one[1] for user, one in known.items() if one and now - one[0] < _MAX_AGE_S}
        if missing := wanted - found.keys():
            answer = await self._auth.call(
                "POST", "/internal/users/by-id", ProfilesById(list(missing)), of=Profiles, idempotent=True
            )
            for profile in answer.profiles:
                found[profile.user] = profile.display_name
                self._names.put(profile.user, (now, profile.display_name))
        return found
