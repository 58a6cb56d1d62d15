"""auth's internal calls: log-ins for the gateway; names and ended sessions for every program."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec


class Credentials(msgspec.Struct, frozen=True):
    """POST /internal/login, gateway -> auth.

    address: the client's. presented: the session token that came with the request; it is ended.
    device: the device token of an earlier log-in, which keeps strangers' guesses from locking the owner out.
    """

    username: str
    password: str
    address: str
    user_agent: str = ""
    presented: str | None = None
    device: str | None = None


class NewAccount(msgspec.Struct, frozen=True):
    """POST /internal/accounts, gateway -> auth. invite: the token of one to use. Else as Credentials."""

    username: str
    password: str
    display_name: str | None
    address: str
    user_agent: str = ""
    presented: str | None = None
    device: str | None = None
    invite: str | None = None


class SessionInfo(msgspec.Struct, frozen=True):
    """A live session. session: its public id."""

    user: int
    username: str
    display_name: str
    session: UUID


class LoggedIn(msgspec.Struct, frozen=True):
    """token: 256 bits, URL-safe; stored in the cookie and nowhere else. device: as in Credentials."""

    token: str
    device: str
    info: SessionInfo


class PasswordChange(msgspec.Struct, frozen=True):
    """POST /internal/password, gateway -> auth. caller: whose session is replaced by a new one. Else as Credentials."""

    caller: SessionInfo
    current: str
    new: str
    address: str
    device: str | None = None


class CheckSessions(msgspec.Struct, frozen=True):
    """POST /internal/sessions/check: at most 256 tokens."""

    tokens: list[str]


class CheckedSessions(msgspec.Struct, frozen=True):
    """In the order of the tokens; None for one that is unknown, ended or expired."""

    sessions: list[SessionInfo | None]


Setting = Literal["read_receipts", "typing", "last_seen"]


class Seeing(msgspec.Struct, frozen=True, array_like=True):
    """What somebody lets others see, and so sees of them. Between two people, what both show is shown."""

    read_receipts: bool = True
    typing: bool = True
    last_seen: bool = True

    def shows(self, setting: Setting) -> bool:
        """Whether it is on."""
        shown: bool = getattr(self, setting)
        return shown


EVERYTHING, NOTHING = Seeing(), Seeing(read_receipts=False, typing=False, last_seen=False)
"""What people show at first, and what is shown of somebody whose settings are not known."""


class EndedSessions(msgspec.Struct, frozen=True):
    """GET /internal/sessions/ended: those that ended in the last 90 s.

    seeing: of those who changed their settings in that time; each user's id, and what they show now.
    """

    sessions: list[UUID]
    seeing: list[tuple[int, Seeing]] = []


class OpenSessions(msgspec.Struct, frozen=True):
    """POST /internal/sessions/over: at most 1000 that have a socket, or get pushes. Answer: those that are over."""

    sessions: list[UUID]


AI_USER = -2
AI_USERNAME = "tic-tac-toe"
"""The AI has a name, so that a person can have a thread with it; nobody can sign up under it."""


class Profile(msgspec.Struct, frozen=True, array_like=True):
    """last_seen: None for someone who has never been connected, or does not show it.

    link_previews: whether the links that they send are looked at.
    """

    user: int
    username: str
    display_name: str
    last_seen: datetime | None
    seeing: Seeing = EVERYTHING
    link_previews: bool = True


class ProfilesByName(msgspec.Struct, frozen=True):
    """POST /internal/users/by-name: at most 256 names, folded; unknown ones are left out of the answer."""

    usernames: list[str]


class ProfilesById(msgspec.Struct, frozen=True):
    """POST /internal/users/by-id: at most 1000 ids."""

    users: list[int]


class Profiles(msgspec.Struct, frozen=True):
    profiles: list[Profile]


class Seen(msgspec.Struct, frozen=True):
    """POST /internal/users/seen, relay -> auth: these users were connected just now."""

    users: list[int]
