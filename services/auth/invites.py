"""Invitations: made and taken back by who invites, looked at by anybody with the link, used once."""

import secrets
from uuid import UUID

import msgspec

from services.auth.queries import invites
from services.auth.throttle import Throttle
from services.auth.tokens import digest
from shared.plumbing.failpoints import reach
from shared.plumbing.postgres.database import Connection, Database
from shared.wire.invites import (
    Invited,
    InviteItem,
    InviteState,
    InviteToken,
    LookAtInvite,
    MakeInvite,
    UseInvite,
)
from shared.wire.problems import InviteOver, NotFound, OwnInvite, TooManyInvites

_TOKEN_BYTES = 18
_WHY_OVER: dict[InviteState, str] = {
    "used": "This invitation has been used already.",
    "taken-back": "This invitation was taken back.",
    "expired": "This invitation has expired.",
}


class Invitations(msgspec.Struct, frozen=True):
    """What can be done with them. throttle: counts who makes many, and who tries tokens."""

    db: Database
    throttle: Throttle

    async def make(self, wanted: MakeInvite) -> InviteToken:
        """A new one, and its token. Raises RateLimited, TooManyInvites."""
        await self.throttle.invite(wanted.inviter)
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        async with self.db.transaction() as conn:
            await invites.hold(conn, wanted.inviter)
            if await invites.count_open(conn, wanted.inviter) >= invites.MAX_OPEN:
                raise TooManyInvites(f"{invites.MAX_OPEN} invitations are open. Take one back first.")
            made = await invites.make(conn, wanted.inviter, digest(token), wanted.game)
        return InviteToken(made.id, token, made.expires_at)

    async def open_of(self, inviter: int) -> list[InviteItem]:
        """Without their tokens."""
        async with self.db.connection() as conn:
            return await invites.open_of(conn, inviter)

    async def take_back(self, inviter: int, id: UUID) -> None:
        """Raises NotFound."""
        async with self.db.connection() as conn:
            if not await invites.take_back(conn, inviter, id):
                raise NotFound

    async def look(self, asked: LookAtInvite) -> Invited:
        """Any that there is, over or not. Raises RateLimited, NotFound."""
        await self.throttle.try_invite(asked.address)
        async with self.db.connection() as conn:
            return await _find(conn, asked.token)

    async def use(self, asked: UseInvite) -> Invited:
        """Raises RateLimited, NotFound, OwnInvite, InviteOver."""
        await self.throttle.try_invite(asked.address)
        async with self.db.transaction() as conn:
            return await use(conn, asked.token, asked.user)

    async def must_be_open(self, token: str) -> None:
        """Raises NotFound, InviteOver."""
        async with self.db.connection() as conn:
            _refuse_over(await _find(conn, token))


async def use(conn: Connection, token: str, user: int) -> Invited:
    """Ties the invitation to who accepts it; again, for them it is the same. Raises NotFound, OwnInvite, InviteOver."""
    used = await invites.use(conn, digest(token), user)
    invited = await _find(conn, token)
    if invited.inviter == user:
        raise OwnInvite("This is your own invitation: it is for somebody else.")
    if not used and invited.used_by != user:
        _refuse_over(invited)
    await reach("auth.invite_used")
    return invited


async def _find(conn: Connection, token: str) -> Invited:
    """Raises NotFound."""
    invited = await invites.find(conn, digest(token))
    if invited is None:
        raise NotFound("There is no such invitation.")
    return invited


def _refuse_over(invited: Invited) -> None:
    """Raises InviteOver."""
    if invited.state != "open":
        raise InviteOver(_WHY_OVER[invited.state])
