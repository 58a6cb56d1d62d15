"""Signing up, logging in, changing the password: the order of steps, and which sessions each one ends."""

import secrets
from uuid import UUID

import msgspec

from services.auth import ai, names, passwords
from services.auth.hashing import Asker, Hasher
from services.auth.invites import Invitations, use
from services.auth.queries import devices, sessions, users
from services.auth.queries.users import Account
from services.auth.throttle import Throttle
from services.auth.tokens import digest
from shared.plumbing.limits.rate_limit_key import rate_limit_key
from shared.plumbing.postgres.database import Connection, Database
from shared.wire.accounts import Credentials, LoggedIn, NewAccount, PasswordChange, SessionInfo
from shared.wire.ids import bare, fold, is_username
from shared.wire.problems import FieldError, Taken, Unauthenticated, WrongCredentials, WrongPassword

_TOKEN_BYTES = 32
_MAX_USER_AGENT = 256


class Accounts(msgspec.Struct, frozen=True):
    """The three calls that handle a password."""

    db: Database
    hasher: Hasher
    throttle: Throttle
    invitations: Invitations

    async def sign_up(self, wanted: NewAccount) -> LoggedIn:
        """A new account, logged in; an invitation that comes with it is used, or nothing is done.

        Raises Invalid, RateLimited, Taken, NotFound, InviteOver.
        """
        username = names.folded_username(wanted.username)
        if ai.resembles(username):
            raise _taken()
        shown = names.shown_name(wanted.username if wanted.display_name is None else wanted.display_name)
        password = passwords.new_password(wanted.password, username, "/password")
        await self.throttle.sign_up(wanted.address)
        async with self.db.connection() as conn:
            if await users.by_username(conn, username):
                raise _taken()
        if wanted.invite is not None:
            await self.invitations.must_be_open(wanted.invite)  # before a hash is computed for nothing
        hashed = await self.hasher.hash(password, Asker(rate_limit_key(wanted.address)))
        async with self.db.transaction() as conn:
            account = await users.add(conn, username, shown, names.search_form(shown), hashed)
            if account is None:
                raise _taken()
            if wanted.invite is not None:
                await use(conn, wanted.invite, account.id)
            return await _open_session(conn, account, wanted)

    async def log_in(self, given: Credentials) -> LoggedIn:
        """A new session; the one presented ends. Raises RateLimited, WrongCredentials."""
        username = fold(bare(given.username))
        device = await self._known_device(username, given.device)
        await self.throttle.log_in(username, given.address, device)
        account = None
        if is_username(username):
            async with self.db.connection() as conn:
                account = await users.by_username(conn, username)
        password = passwords.normal(given.password)
        asker = Asker(rate_limit_key(given.address)) if device is None else Asker(username, owns=True)
        matches = await self.hasher.verify(account.password if account else None, password, asker)
        if account is None or not matches:
            raise WrongCredentials
        account = await self._rehash(account, password, asker)
        async with self.db.transaction() as conn:
            # Otherwise a log-in with the old password could survive a change that ends all sessions.
            if not await users.hold(conn, account.id, account.password):
                raise WrongCredentials
            return await _open_session(conn, account, given)

    async def change_password(self, asked: PasswordChange) -> LoggedIn:
        """Ends all sessions and forgets all devices; the caller's are replaced, as a copy may be in strange hands.

        Raises Invalid (/new), RateLimited, WrongPassword.
        """
        caller = asked.caller
        password = passwords.new_password(asked.new, caller.username, "/new")
        device = await self._known_device(caller.username, asked.device)
        await self.throttle.change_password(caller.user, caller.session, asked.address, device)
        async with self.db.connection() as conn:
            account = await users.by_id(conn, caller.user)
        if account is None:
            raise Unauthenticated
        asker = Asker(account.username, owns=True)
        if not await self.hasher.verify(account.password, passwords.normal(asked.current), asker):
            raise _wrong_password()
        hashed = await self.hasher.hash(password, asker)
        async with self.db.transaction() as conn:
            if not await users.replace_password(conn, account.id, account.password, hashed):
                raise _wrong_password()
            return await _replace_session(conn, account, caller.session)

    async def _known_device(self, username: str, device: str | None) -> bytes | None:
        if not device or not is_username(username):
            return None
        async with self.db.connection() as conn:
            hashed = digest(device)
            return hashed if await devices.is_known(conn, username, hashed) else None

    async def _rehash(self, account: Account, password: str, asker: Asker) -> Account:
        """The account with a hash of today's parameters."""
        if not self.hasher.is_outdated(account.password):
            return account
        renewed = await self.hasher.hash(password, asker)
        async with self.db.connection() as conn:
            if not await users.replace_password(conn, account.id, account.password, renewed):
                return account
        return msgspec.structs.replace(account, password=renewed)


async def _open_session(conn: Connection, account: Account, given: Credentials | NewAccount) -> LoggedIn:
    if given.presented:
        await sessions.end_presented(conn, digest(given.presented))
    device = given.device
    if not device or not await devices.is_known(conn, account.username, digest(device)):
        device = secrets.token_urlsafe(_TOKEN_BYTES)
    await devices.remember(conn, account.id, digest(device))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session = await sessions.open(
        conn, digest(token), account.id, digest(device), _printable(given.user_agent)
    )
    return LoggedIn(token, device, SessionInfo(account.id, account.username, account.display_name, session))


async def _replace_session(conn: Connection, account: Account, session: UUID) -> LoggedIn:
    """Raises Unauthenticated if it has ended."""
    token, device = secrets.token_urlsafe(_TOKEN_BYTES), secrets.token_urlsafe(_TOKEN_BYTES)
    renewed = await sessions.reopen(conn, session, digest(token), digest(device))
    if renewed is None:
        raise Unauthenticated
    await sessions.end_others(conn, account.id, renewed)
    await devices.forget_all(conn, account.id)
    await devices.remember(conn, account.id, digest(device))
    return LoggedIn(token, device, SessionInfo(account.id, account.username, account.display_name, renewed))


def _taken() -> Taken:
    return Taken("That name is taken.", errors=[FieldError("/username", "is taken")])


def _wrong_password() -> WrongPassword:
    return WrongPassword(
        "The current password is wrong.", errors=[FieldError("/current", "is not the current password")]
    )


def _printable(user_agent: str) -> str:
    return "".join(char if char.isprintable() else " " for char in user_agent[:_MAX_USER_AGENT])
