"""Drives a running auth service as the gateway, the relay and users would."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestClient

from services.auth.keys import DATABASE
from shared.plumbing.postgres.database import Database
from shared.testing.tokens import Tokens
from shared.wire import codec
from shared.wire.accounts import (
    CheckedSessions,
    CheckSessions,
    Credentials,
    LoggedIn,
    NewAccount,
    PasswordChange,
    SessionInfo,
)
from shared.wire.problems import ProblemDocument

PASSWORD = "violet teapot rides 9 trams"
OTHER_PASSWORD = "nine green kettles at dawn"
ADDRESS = "203.0.113.7"

_WAITS_WITHIN_S = 30
_SOMEONE_WAITS = """
SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


async def until_someone_waits(db: Database) -> None:
    """Returns once a statement of this database's waits for a lock."""
    async with asyncio.timeout(_WAITS_WITHIN_S), db.connection() as conn:
        while not await conn.fetchval(_SOMEONE_WAITS):
            await asyncio.sleep(0.01)


class Answer(msgspec.Struct, frozen=True):
    """What came back. body: as sent."""

    status: int
    body: bytes
    headers: Any

    def of(self, kind: Any) -> Any:
        """The body of a success, as `kind`."""
        assert self.status < 300, self.body
        return codec.decode(self.body, kind)

    @property
    def problem(self) -> ProblemDocument:
        assert self.headers["Content-Type"] == "application/problem+json", self.body
        return codec.decode(self.body, ProblemDocument)

    @property
    def pointers(self) -> list[str]:
        """Which fields the problem names."""
        return [error.pointer for error in self.problem.errors]


class Driver:
    """One running auth service."""

    def __init__(self, client: "TestClient[web.Request, web.Application]", tokens: Tokens) -> None:
        self.client = client
        self.tokens = tokens

    @property
    def db(self) -> Database:
        """The service's own pool, for what tests must see or shift in time."""
        assert self.client.app is not None
        return self.client.app[DATABASE]

    async def ask(self, method: str, path: str, body: Any = None, *, headers: dict[str, str]) -> Answer:
        content = None if body is None else codec.encode(body)
        async with self.client.request(
            method, path, data=content, headers={"Content-Type": "application/json", **headers}
        ) as response:
            return Answer(response.status, await response.read(), response.headers)

    async def as_program(self, method: str, path: str, body: Any = None, program: str = "gateway") -> Answer:
        return await self.ask(method, path, body, headers=self.tokens.program(program))

    async def try_sign_up(
        self, username: str, password: str = PASSWORD, display_name: str | None = None, **more: Any
    ) -> Answer:
        wanted = NewAccount(username, password, display_name, **{"address": ADDRESS, **more})
        return await self.as_program("POST", "/internal/accounts", wanted)

    async def try_log_in(self, username: str, password: str = PASSWORD, **more: Any) -> Answer:
        given = Credentials(username, password, **{"address": ADDRESS, **more})
        return await self.as_program("POST", "/internal/login", given)

    async def sign_up(self, username: str, **more: Any) -> "Person":
        answer = await self.try_sign_up(username, **more)
        assert answer.status == 201, answer.body
        return Person(self, answer.of(LoggedIn))

    async def log_in(self, username: str, password: str = PASSWORD, **more: Any) -> "Person":
        return Person(self, (await self.try_log_in(username, password, **more)).of(LoggedIn))

    async def ask_for(self, *tokens: str) -> Answer:
        return await self.as_program("POST", "/internal/sessions/check", CheckSessions(list(tokens)))

    async def check(self, token: str) -> SessionInfo | None:
        checked: CheckedSessions = (await self.ask_for(token)).of(CheckedSessions)
        return checked.sessions[0]

    async def lives(self, person: "Person") -> bool:
        """Whether the person's session is still good."""
        return await self.check(person.login.token) is not None

    async def shift(self, session: UUID, column: str, by: str) -> None:
        """Makes a time of a session `by` earlier, for example "15 days"."""
        assert column in ("created_at", "last_used_at", "ended_at")
        async with self.db.connection() as conn:
            done = await conn.execute(
                f"UPDATE sessions SET {column} = {column} - $2::text::interval WHERE id = $1",  # noqa: S608
                session,
                by,
            )
        assert done == "UPDATE 1"


class Person:
    """Somebody who is logged in, in one browser."""

    def __init__(self, driver: Driver, login: LoggedIn) -> None:
        self.driver = driver
        self.login = login
        self.id = login.info.user
        self.username = login.info.username
        self.session = login.info.session

    async def ask(self, method: str, path: str, body: Any = None) -> Answer:
        headers = self.driver.tokens.user(self.id, self.username, self.session)
        return await self.driver.ask(method, path, body, headers=headers)

    async def change_password(
        self, current: str = PASSWORD, new: str = OTHER_PASSWORD, *, device: str = "", address: str = ADDRESS
    ) -> Answer:
        """As the gateway asks for it. device: by default the one of this browser."""
        change = PasswordChange(self.login.info, current, new, address, device or self.login.device)
        return await self.driver.as_program("POST", "/internal/password", change)

    async def lives(self) -> bool:
        return await self.driver.lives(self)
