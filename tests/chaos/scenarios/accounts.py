"""Intruders: they guess names by timing, and passwords by the thousand."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from shared.testing.people import Person
from tests.chaos.run import Run
from tests.chaos.scenario import scenario

_NAMES_EACH = 1000
_MOST_TELLING = 0.05
"""How far from one half the share of right guesses may be: with 1,000 of each, chance alone stays below 0.04."""
_GUESSES = 10_000
_GUESSERS = 20
_ACCOUNT_TRIES_A_MINUTE = 10
_OWNER_LOGINS = 5
_LOGIN_WITHIN_S = 5.0
_TRUSTED = "DUET_TRUSTED_PROXIES"


@scenario("enumeration")
async def enumeration(run: Run) -> None:
    """1,000 log-ins of known names against 1,000 of unknown ones: neither content nor time tells them apart."""
    await run.crowd.stop_writing()
    known = [name for pair in run.crowd.pairs for name in pair.names]
    tries = [(random.choice(known), True) for _ in range(_NAMES_EACH)]
    tries += [(f"{random.choice(known)[:-1]}x{number}", False) for number in range(_NAMES_EACH)]
    random.shuffle(tries)
    took: dict[bool, list[float]] = {True: [], False: []}
    answers: dict[bool, set[str]] = {True: set(), False: set()}
    async with aiohttp.ClientSession(run.instance.public_url, cookie_jar=aiohttp.DummyCookieJar()) as http:
        for name, is_known in tries:
            began = time.perf_counter()
            answer = await _log_in(http, name, f"wrong {random.random()}")
            took[is_known].append(time.perf_counter() - began)
            answers[is_known].add(answer)
    await run.inject("log-ins", f"{len(tries)}", lambda: asyncio.sleep(0))
    different = answers[True] ^ answers[False]
    run.measure("answers that differ", len(different), 0, f"{different or ''}"[:200])
    right = _share_of_right_guesses(took[True], took[False])
    run.measure(
        "guessing by time is better than chance by", abs(right - 0.5), _MOST_TELLING, f"({right:.3f} right)"
    )


def _share_of_right_guesses(ones: list[float], others: list[float]) -> float:
    """How often a random one of `ones` took longer than a random one of `others` (0.5: no better than a coin)."""
    ranked = sorted([(took, True) for took in ones] + [(took, False) for took in others])
    ranks = sum(rank for rank, (_, is_one) in enumerate(ranked, start=1) if is_one)
    return (ranks - len(ones) * (len(ones) + 1) / 2) / (len(ones) * len(others))


async def _log_in(http: aiohttp.ClientSession, name: str, password: str, address: str = "") -> str:
    """Status, body and the headers that may differ, as text."""
    headers = {"X-Forwarded-For": address} if address else {}
    body = {"username": name, "password": password}
    async with http.post("/api/session", json=body, headers=headers) as answer:
        text = await answer.text()
        return (
            f"{answer.status} {sorted(set(answer.headers) - {'Date'})} {text if answer.status != 429 else ''}"
        )


@asynccontextmanager
async def _limited(run: Run) -> AsyncIterator[None]:
    """With rate limits, and a proxy that may say who calls, within the block."""

    async def restart(told: dict[str, dict[str, str]]) -> None:
        run.instance.tell(told)
        for name in ("auth", "gateway"):
            await run.instance.signal(name)
            assert await run.instance.ready(name)

    on = {"DUET_RATE_LIMITS": "on"}
    await restart({"auth": on, "gateway": {**on, _TRUSTED: "127.0.0.1"}})
    try:
        yield
    finally:
        await restart({})


@scenario("guessing")
async def guessing(run: Run) -> None:
    """10,000 guesses at one password from everywhere: throttled, while its owner logs in on a device of theirs."""
    owner = run.crowd.pairs[0].people[0]
    own_device = await Person(owner.base_url, owner.username, owner.password).log_in()
    statuses: Counter[str] = Counter()
    left = iter(range(_GUESSES))
    began = time.monotonic()

    async def guess(http: aiohttp.ClientSession) -> None:
        for number in left:
            address = f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"
            statuses[(await _log_in(http, owner.username, f"guess-{number}-{number}", address))[:3]] += 1

    async with (
        _limited(run),
        aiohttp.ClientSession(owner.base_url, cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        guessers = [asyncio.create_task(guess(http)) for _ in range(_GUESSERS)]
        slowest, refused = 0.0, 0
        for _ in range(_OWNER_LOGINS):
            at = time.monotonic()
            status, _ = await own_device.call("POST", "/api/session", _credentials(owner))
            slowest, refused = max(slowest, time.monotonic() - at), refused + (status != 200)
            await asyncio.wait(guessers, timeout=1.0)
        await asyncio.gather(*guessers)
        minutes = (time.monotonic() - began) / 60
        await run.inject("guesses", owner.username, lambda: asyncio.sleep(0))
    await own_device.close()
    looked_at = statuses.total() - statuses["429"]
    run.measure("guesses", statuses.total(), _GUESSES, "")
    run.measure(
        "guesses that were looked at",
        looked_at,
        _ACCOUNT_TRIES_A_MINUTE * (minutes + 1),
        f"in {minutes:.1f} min",
    )
    run.measure(
        "guesses that were right or broke something", looked_at - statuses["401"], 0, f"{dict(statuses)}"
    )
    run.measure("log-ins of the owner that were refused", refused, 0, f"of {_OWNER_LOGINS}")
    run.measure("slowest log-in of the owner", slowest, _LOGIN_WITHIN_S)


def _credentials(person: Person) -> dict[str, str]:
    return {"username": person.username, "password": person.password}
