"""Invitations: what people ask of the gateway, and what the gateway asks of auth and game."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.wire.body import Body
from shared.wire.games import InvitedGame

InviteState = Literal["open", "used", "taken-back", "expired"]
Token = Annotated[str, Meta(max_length=128)]


class NewInvite(Body, frozen=True):
    """game: what is offered to whoever accepts; left out: an invitation to a chat."""

    game: InvitedGame | None = None


class MadeInvite(msgspec.Struct, frozen=True):
    """url: the link, which is told this once. qr: the same as a QR code, an SVG in a data: address."""

    id: UUID
    url: str
    qr: str
    expires_at: datetime


class InviteItem(msgspec.Struct, frozen=True):
    id: UUID
    created_at: datetime
    expires_at: datetime
    game: InvitedGame | None


class Invites(msgspec.Struct, frozen=True):
    """Those of mine that are open, the newest first."""

    invites: list[InviteItem]


class AcceptInvite(Body, frozen=True):
    """token: the last part of the link."""

    token: Token


# Between the gateway, auth and game.


class MakeInvite(msgspec.Struct, frozen=True):
    """POST /internal/invites, gateway -> auth. inviter: a user id."""

    inviter: int
    game: InvitedGame | None = None


class InviteToken(msgspec.Struct, frozen=True):
    """token: 144 bits, URL-safe; in the link and nowhere else."""

    id: UUID
    token: str
    expires_at: datetime


class LookAtInvite(msgspec.Struct, frozen=True):
    """POST /internal/invites/look, gateway -> auth: changes nothing. address: the client's."""

    token: str
    address: str


class Invited(msgspec.Struct, frozen=True):
    """An invitation as its guest sees it. inviter, used_by: user ids."""

    id: UUID
    inviter: int
    username: str
    display_name: str
    state: InviteState
    used_by: int | None
    game: InvitedGame | None


class UseInvite(msgspec.Struct, frozen=True):
    """POST /internal/invites/use, gateway -> auth. user: who accepts. Once they have, the same answer each time."""

    token: str
    address: str
    user: int


class InvitedOffer(msgspec.Struct, frozen=True):
    """POST /internal/offers, gateway -> game: the inviter offers the game to the guest, once for each invitation."""

    invite: UUID
    inviter: int
    inviter_name: str
    guest_name: str
    game: InvitedGame
