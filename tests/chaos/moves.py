"""People who ask the AI for moves all the time, and hold every answer against the rules."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec

from services.game.classic.answers import answer
from services.game.classic.rules import parse, place, status, to_text, turn
from shared.testing.people import Person
from shared.wire.tictactoe import AskMove

EMPTY = "." * 9
_PAUSE_S = 0.02
_POLL_S = 0.02
_AWAY = frozenset({502, 503, 504})
"""What may be answered while the program is dead: try again."""


class Moves:
    """answered: right answers. wrong: others, as sentences. statuses: of all answers."""

    def __init__(self) -> None:
        self.answered = 0
        self.wrong: list[str] = []
        self.statuses: Counter[int | str] = Counter()
        self.last_asked_at = 0.0

    async def play_on(self, person: Person) -> None:
        """Games from the empty board to the end, the other side at random, forever."""
        board = EMPTY
        while True:
            asked_at = time.monotonic()
            made = await self._ask(person, board)
            if made is not None:
                self.last_asked_at = max(self.last_asked_at, asked_at)
                board = _with_a_random_reply(made)
            await asyncio.sleep(_PAUSE_S)

    async def answers_again(self, since: float) -> bool:
        """Waits for the answer to a move that was asked for after `since`."""
        while self.last_asked_at < since:
            await asyncio.sleep(_POLL_S)
        return True

    async def _ask(self, person: Person, board: str) -> dict[str, Any] | None:
        try:
            async with asyncio.timeout(10.0):
                code, made = await person.call("POST", "/api/tictactoe/move", {"board": board})
        except (aiohttp.ClientError, TimeoutError) as error:
            self.statuses[type(error).__name__] += 1
            return None
        self.statuses[code] += 1
        if code == 200 and made == _right(board):
            self.answered += 1
            return dict(made)
        if code not in _AWAY:
            self.wrong.append(f"{board}: {code} {made}")
        return None


def _right(board: str) -> dict[str, Any]:
    """Perfect play is deterministic: the one right answer."""
    found: dict[str, Any] = msgspec.json.decode(answer(AskMove(board=board), random.Random(0)))
    return found


def _with_a_random_reply(made: dict[str, Any]) -> str:
    """The next board to ask about; an empty one when the game is over."""
    if made["status"] != "playing":
        return EMPTY
    position = parse(made["board"])
    free = [cell for cell, mark in enumerate(made["board"]) if mark == "."]
    after = place(position, turn(position), random.choice(free))
    return to_text(after) if status(after) == "playing" else EMPTY


@contextlib.asynccontextmanager
async def moves_of(people: list[Person]) -> AsyncIterator[Moves]:
    """Each of them plays within the block."""
    moves = Moves()
    playing = [asyncio.create_task(moves.play_on(person)) for person in people]
    try:
        yield moves
    finally:
        for task in playing:
            task.cancel()
        await asyncio.gather(*playing, return_exceptions=True)
