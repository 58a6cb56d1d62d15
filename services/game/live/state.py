"""Reading a live game's state, and making the next one. Pure."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from services.game.live import clock
from shared.wire.games import Ending, Game, Seat, What
from shared.wire.problems import FieldError, NotNow
from shared.wire.tictactoe import Level, Side, Status

OPEN = ("offered", "playing")


def other(side: Side) -> Side:
    """The opponent's side."""
    return "O" if side == "X" else "X"


def seat(game: Game, side: Side) -> Seat:
    """Who plays that side."""
    return game.seats.x if side == "X" else game.seats.o


def side_of(game: Game, username: str) -> Side | None:
    """Which side that member plays, if any."""
    sides: tuple[Side, Side] = ("X", "O")
    return next((side for side in sides if seat(game, side).username == username), None)


def the_side(game: Game, username: str) -> Side:
    """The side that member plays now. Raises NotNow."""
    if game.phase == "offered":
        raise not_now("The game has not begun.")
    if game.phase != "playing":
        raise is_over()
    side = side_of(game, username)
    if side is None:
        raise not_now("You are not playing this game.")
    return side


def not_now(sentence: str, pointer: str = "/do") -> NotNow:
    """The error for what cannot be done in this state. pointer: the field that asks for it."""
    return NotNow(sentence, errors=[FieldError(pointer, sentence)])


def is_over() -> NotNow:
    """The error for a game to which nothing more can be done."""
    return not_now("The game is over.")


def between_people(game: Game) -> bool:
    """Whether it counts in the score."""
    return bool(game.seats.x.username and game.seats.o.username)


def ai_seats(game: Game) -> int:
    """How many of the two seats the AI has."""
    return sum(1 for one in (game.seats.x, game.seats.o) if one.level)


def against_ai(game: Game) -> tuple[str, Level] | None:
    """The member who plays against the AI, and its level; None if both or neither are people."""
    for one, opponent in ((game.seats.x, game.seats.o), (game.seats.o, game.seats.x)):
        if one.username and opponent.level:
            return one.username, opponent.level
    return None


def waits_for(game: Game) -> set[str]:
    """The members who are to move or to answer."""
    if game.phase == "offered":
        return {one.username for one in (game.seats.x, game.seats.o) if one.username} - {game.offered_by}
    asked = {game.turn, *(other(side) for side in (game.draw, game.takeback) if side)}
    return {name for side in asked if side and (name := seat(game, side).username)}


def due_at(game: Game, pace: timedelta) -> datetime | None:
    """When the service must act by itself. pace: between the moves of an AI that plays itself."""
    if game.turn is None:
        return None
    if seat(game, game.turn).level:
        return game.at if game.seats.x.username or game.seats.o.username else game.at + pace
    return clock.flag_at(game.clock) if game.clock else None


def following(game: Game, what: What, by: str | None, now: datetime, **changes: Any) -> Game:
    """The next version."""
    return msgspec.structs.replace(game, version=game.version + 1, what=what, by=by, at=now, **changes)


def finished(
    game: Game, what: What, by: str | None, now: datetime, *, winner: Side | None, ending: Ending
) -> Game:
    """The game ended by other means than the board. winner: None for a draw."""
    status: Status = winner or "draw"
    stopped = None if game.clock is None else clock.switched(game.clock, None, now)
    return following(
        game,
        what,
        by,
        now,
        phase="finished",
        status=status,
        ending=ending,
        turn=None,
        clock=stopped,
        draw=None,
        takeback=None,
    )
