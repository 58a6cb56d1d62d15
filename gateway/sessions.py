"""Sessions: aiohttp-session on top of auth's answers, each cached for at most a second."""

import asyncio
import time
from collections.abc import Iterable
from uuid import UUID

import structlog
from aiohttp import web
from aiohttp_session import AbstractStorage, Session, get_session

from gateway.keys import ADDRESS, LIMITS, SITE
from gateway.site import Site
from shared.plumbing.batch_loader import BatchLoader
from shared.plumbing.http.rpc import Peer
from shared.plumbing.identity import User
from shared.plumbing.limits.rate_limit_key import rate_limit_key
from shared.wire import codec
from shared.wire.accounts import CheckedSessions, CheckSessions, EndedSessions, SessionInfo
from shared.wire.problems import Problem

KEPT_S = 1.0
_MAX_KEPT = 50_000  # beyond, those that have to be asked for again anyway are forgotten
_MAX_TOKEN_LENGTH = 128
_MAX_TOKENS_A_CALL = 256
_POLL_S = 1.0
_COOKIE_LIFETIME_S = 400 * 24 * 3600
"""The longest that browsers keep one. Auth decides when a session really ends."""


class Login:
    """A live session as the gateway keeps it."""

    __slots__ = ("checked_at", "info", "user")

    def __init__(self, info: SessionInfo, checked_at: float) -> None:
        self.info = info
        self.user = User(info.user, info.username, info.session)
        self.checked_at = checked_at

    @property
    def vouched(self) -> str:
        """What stands in VOUCHED_HEADER."""
        return codec.encode(self.user).decode()


class SessionCache:
    """Token -> whose it is. A token that is not good is never cached."""

    def __init__(self, auth: Peer) -> None:
        self._auth = auth
        self._kept: dict[str, Login] = {}
        self._asking: BatchLoader[str, Login] = BatchLoader(self._ask, _MAX_TOKENS_A_CALL)
        self._drops = 0

    def has_seen(self, token: str) -> bool:
        """Whether it was good not long ago."""
        return token in self._kept

    async def check(self, token: str) -> Login | None:
        """None if auth does not know the token any more. Raises Unavailable."""
        kept = self._kept.get(token)
        if kept is not None and time.monotonic() - kept.checked_at < KEPT_S:
            return kept
        if len(token) > _MAX_TOKEN_LENGTH or not token.isascii():
            return None
        return await self._asking.one(token)

    async def _ask(self, tokens: list[str]) -> dict[str, Login]:
        asked_at, drops = time.monotonic(), self._drops
        answer = await self._auth.call(
            "POST", "/internal/sessions/check", CheckSessions(tokens), of=CheckedSessions, idempotent=True
        )
        checked = zip(tokens, answer.sessions, strict=True)
        logins = {token: Login(info, asked_at) for token, info in checked if info is not None}
        for token in tokens:
            self._kept.pop(token, None)
        if drops == self._drops:  # else one may have ended while auth was answering
            if len(self._kept) >= _MAX_KEPT:
                oldest = time.monotonic() - KEPT_S
                self._kept = {token: kept for token, kept in self._kept.items() if kept.checked_at > oldest}
            self._kept.update(logins)
        return logins

    def drop_user(self, user: int) -> None:
        """Forgets all sessions of a user, because one of them may have ended."""
        self._drop(token for token, login in self._kept.items() if login.info.user == user)

    def drop_token(self, token: str) -> None:
        self._drop([token])

    def drop_sessions(self, sessions: Iterable[UUID]) -> None:
        """Forgets these sessions."""
        ended = set(sessions)
        self._drop(token for token, login in self._kept.items() if login.info.session in ended)

    def _drop(self, tokens: Iterable[str]) -> None:
        self._drops += 1
        for token in list(tokens):
            self._kept.pop(token, None)

    async def poll_ended(self) -> None:
        """Asks every second which sessions have ended anywhere, until it is cancelled."""
        seen: set[UUID] = set()
        while True:
            try:
                answer = await self._auth.call("GET", "/internal/sessions/ended", of=EndedSessions)
                ended = set(answer.sessions)
                if ended - seen:
                    self.drop_sessions(ended - seen)
                seen = ended
            except Problem as problem:
                structlog.get_logger().warning("auth does not say which sessions ended", error=repr(problem))
            await asyncio.sleep(_POLL_S)


SESSIONS = web.AppKey("sessions", SessionCache)


class AuthStorage(AbstractStorage):
    """Loads sessions from auth and writes only the cookie: auth alone decides what a session is."""

    def __init__(self, site: Site) -> None:
        super().__init__(cookie_name=site.session_cookie, secure=site.secure, samesite="Lax")
        self._secure = site.secure

    async def load_session(self, request: web.Request) -> Session:
        login = await login_of(request.app, request)
        if login is None:
            return Session(None, data=None, new=True)
        return Session(self.load_cookie(request), data={"session": {_LOGIN: login}}, new=False)

    async def save_session(
        self, request: web.Request, response: web.StreamResponse, session: Session
    ) -> None:
        if session.empty:
            response.del_cookie(
                self.cookie_name, path="/", secure=self._secure, httponly=True, samesite="Lax"
            )
        else:
            self.save_cookie(response, str(session.identity), max_age=_COOKIE_LIFETIME_S)


_LOGIN = "login"


def put_login(session: Session, token: str, info: SessionInfo) -> None:
    """Makes a new session carry `token` in its cookie."""
    session.set_new_identity(token)
    session[_LOGIN] = Login(info, time.monotonic())


async def current_login(request: web.Request) -> Login | None:
    """Who is calling, if logged in."""
    session = await get_session(request)
    login: Login | None = session.get(_LOGIN)
    return login


async def login_of(app: web.Application, request: web.BaseRequest) -> Login | None:
    """The same for a request that goes past the middlewares. Raises RateLimited, Unavailable.

    While auth is asked about a cookie that was not good before, a call of the address is taken: no flood of guesses
    becomes one of look-ups, and whoever has been seen goes on from the same address.
    """
    token = request.cookies.get(app[SITE].session_cookie)
    if not token:
        return None
    sessions, limits, address = app[SESSIONS], app[LIMITS], rate_limit_key(request[ADDRESS])
    if sessions.has_seen(token):
        return await sessions.check(token)
    limits.take("calls", address)
    try:
        return await sessions.check(token)
    finally:
        limits.give_back("calls", address)  # the caller counts the call, now that it is known whose it is
