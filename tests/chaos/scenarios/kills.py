"""Each program dies at random under load."""

import asyncio
import random
from functools import partial

import aiohttp

from shared.testing.people import Person
from tests.chaos.moves import moves_of
from tests.chaos.run import Run
from tests.chaos.scenario import RECOVERY_LIMIT_S, scenario

PROGRAMS = (
    "gateway", "auth", "threads", "relay-1", "relay-2", "game", "media", "notify", "redis", "postgres",
)  # fmt: skip
_PLAYERS = 4
_LOG_IN_PAUSE_S = 0.05
_WAITS_UNTIL_READY = 0.9
_NOTICED_WITHIN_S = 0.5
"""The supervisor looks twenty times a second whether what it started is ready."""


async def kill(run: Run, name: str) -> None:
    """Now and then as soon as it lives again, else when it was ready: the supervisor spares who never gets so far."""
    if random.random() < _WAITS_UNTIL_READY:
        await run.instance.ready(name)
        await run.pause(_NOTICED_WITHIN_S)
    await run.instance.signal(name)


for _name in ("gateway", "threads", "relay-1", "relay-2", "redis", "postgres"):

    async def _play(run: Run, name: str = _name) -> None:
        await run.repeat("kill", name, partial(kill, run, name))

    _play.__doc__ = f"{_name} is killed with -9, again and again: the promise holds, delivery resumes in 5 s."
    scenario(f"kill-{_name}")(_play)


@scenario("kill-auth")
async def kill_auth(run: Run) -> None:
    """auth is killed with -9, again and again: chat goes on, logging in works again in 5 s, no one is logged out."""
    known = run.crowd.pairs[0].people[0]
    caller = Person(known.base_url, known.username, known.password)
    run.probes.append(partial(_logs_in, caller))
    try:
        await run.repeat("kill", "auth", partial(kill, run, "auth"))
    finally:
        await caller.close()
    calls = [await pair.people[1].call("GET", "/api/session") for pair in run.crowd.pairs]
    run.measure("slowest delivery of the chat", run.slowest_chat_s, RECOVERY_LIMIT_S)
    run.measure("people who are logged out", sum(status != 200 for status, _ in calls), 0, "people")


async def _logs_in(caller: Person, _: float) -> None:
    """Tries until there is a new session."""
    body = {"username": caller.username, "password": caller.password}
    while True:
        try:
            status, _ = await caller.call("POST", "/api/session", body, timeout=aiohttp.ClientTimeout(5.0))
        except (aiohttp.ClientError, TimeoutError):
            status = 503
        if status == 200:
            return
        assert status == 503, status
        await asyncio.sleep(_LOG_IN_PAUSE_S)


@scenario("kill-game")
async def kill_game(run: Run) -> None:
    """game is killed with -9, again and again: no wrong move is answered, moves come again in 5 s, chat goes on."""
    players = [pair.people[0] for pair in run.crowd.pairs[:_PLAYERS]]
    async with moves_of(players) as moves:
        run.probes.append(moves.answers_again)
        await run.repeat("kill", "game", partial(kill, run, "game"))
    run.measure("slowest delivery of the chat", run.slowest_chat_s, RECOVERY_LIMIT_S)
    run.measure("wrong moves or answers", len(moves.wrong), 0, f"of {moves.answered} {moves.wrong[:1]}")
    run.measure("too few moves were answered", float(moves.answered < 10 * len(run.faults)), 0, "")


@scenario("kill-all")
async def kill_all(run: Run) -> None:
    """Any program or server is killed at random: the promise holds, delivery resumes in 5 s."""
    for number in range(run.faults_wanted):
        name = PROGRAMS[number % len(PROGRAMS)]
        await run.inject("kill", name, partial(kill, run, name))
        await run.pause()
