"""People and a conversation to look at, made through the public API of the Duet that runs."""

import asyncio
import secrets
import uuid
from itertools import count

import aiohttp

from deploy.local.console import complain, say
from deploy.local.settings import Settings, from_environment
from shared.plumbing.settings.known import SettingError

_PEOPLE = {"alice": "Alice", "bob": "Bob", "carol": "Carol"}
_CONVERSATION = (
    ("alice", "bob", "Hi Bob! Did you see the new game in here?"),
    ("bob", "alice", "The tic-tac-toe? I just lost to it. Twice."),
    ("alice", "bob", "Which level?"),
    ("bob", "alice", "Easy. Please tell nobody."),
    ("alice", "bob", "My lips are sealed 🤐"),
    ("bob", "alice", "Here is what I read about it:\nhttps://en.wikipedia.org/wiki/Tic-tac-toe"),
    ("alice", "bob", "Then tonight, at eight? Loser makes the tea."),
    ("bob", "alice", "Deal. I take mine with milk."),
    ("carol", "alice", "Alice, are you coming on Saturday?"),
    ("carol", "alice", "Bring the good biscuits :)"),
)


class NotSeeded(Exception):
    """The API refused. The text says what and why."""


class Person:
    """A name, a password of its own, and the cookie of a session."""

    def __init__(self, http: aiohttp.ClientSession, username: str, password: str) -> None:
        self._http, self.username, self.password = http, username, password

    async def send(self, to: str, text: str) -> None:
        body = {"client_id": str(uuid.uuid4()), "text": text}
        async with self._http.post(f"/api/threads/{to}/messages", json=body) as answer:
            await _expect(answer, 201)


async def _sign_up(http: aiohttp.ClientSession, name: str, display_name: str) -> Person:
    """Under the first free name of alice, alice-2, alice-3, …"""
    password = secrets.token_hex(8)
    for number in count(1):
        username = name if number == 1 else f"{name}-{number}"
        body = {"username": username, "password": password, "display_name": display_name}
        async with http.post("/api/accounts", json=body) as answer:
            if answer.status != 409:
                await _expect(answer, 201)
                return Person(http, username, password)
    raise AssertionError("unreachable")


async def _expect(answer: aiohttp.ClientResponse, status: int) -> None:
    if answer.status != status:
        wait = answer.headers.get("Retry-After")
        raise NotSeeded(
            f"{answer.method} {answer.url.path}: {answer.status} {(await answer.text())[:300]}"
            + (f" (try again in {wait} s)" if wait else "")
        )


async def seed(settings: Settings) -> list[Person]:
    """The people it made, each with a password nobody else knows. Raises NotSeeded, aiohttp.ClientError."""
    people: dict[str, Person] = {}
    sessions = []
    try:
        for name, display_name in _PEOPLE.items():
            jar = aiohttp.CookieJar(unsafe=True)  # unsafe: it keeps cookies of numeric addresses
            sessions.append(aiohttp.ClientSession(settings.public_url, cookie_jar=jar))
            people[name] = await _sign_up(sessions[-1], name, display_name)
        for sender, receiver, text in _CONVERSATION:
            await people[sender].send(people[receiver].username, text)
    finally:
        for session in sessions:
            await session.close()
    return list(people.values())


def main() -> int:
    """Exit status: 0 done, 1 not done."""
    try:
        settings = from_environment()
        people = asyncio.run(seed(settings))
    except aiohttp.ClientConnectionError:
        complain(f"Duet does not answer at {settings.public_url}: start it first.")
        return 1
    except (SettingError, NotSeeded, aiohttp.ClientError) as error:
        complain(str(error))
        return 1
    say(f"Log in at {settings.public_url} as:")
    for person in people:
        say(f"  {person.username:<10} {person.password}")
    return 0
