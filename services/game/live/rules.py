"""What may be done to a live game, and what it is afterwards. Pure: the present and chance are passed in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from services.game.errors import BadVariant
from services.game.live import clock, offers
from services.game.live.state import finished, following, is_over, not_now, other, seat, the_side
from services.game.variants.rules import ruleset
from shared.wire.games import (
    Accept,
    Decline,
    Draw,
    Game,
    GameCommand,
    InvitedGame,
    Move,
    OfferGame,
    Resign,
    Score,
    Seat,
    Seated,
    Seats,
    Takeback,
    Withdraw,
)
from shared.wire.problems import FieldError, Invalid, Stale


def offered(
    id: UUID, by: str, peer: str, asked: OfferGame, *, swap: bool, now: datetime, score: Score
) -> Game:
    """A new game. swap: the result of the toss. Raises Invalid."""
    _check(asked)
    seats = Seats(_seat(asked.x, by, peer), _seat(asked.o, by, peer))
    return _new(
        id,
        by,
        now,
        spec=asked.spec,
        seats=Seats(seats.o, seats.x) if swap else seats,
        clock=None if asked.clock is None else clock.started(asked.clock),
        takebacks=asked.takebacks,
        score=score,
    )


def check_invited(asked: InvitedGame) -> None:
    """Raises Invalid for what cannot be offered to a guest."""
    _check(asked)
    if "peer" not in (asked.x, asked.o):
        raise Invalid([FieldError("/o", "must be peer, or nobody could play with you")])


def rematch(game: Game, id: UUID, by: str, now: datetime) -> Game:
    """The same game again with sides swapped, offered by `by`. Raises NotNow."""
    people = [one.username for one in (game.seats.x, game.seats.o) if one.username]
    if game.phase != "finished":
        raise not_now("The game is not finished.")
    if people and by not in people:
        raise not_now("You were not playing this game.")
    return _new(
        id,
        by,
        now,
        spec=game.spec,
        seats=Seats(game.seats.o, game.seats.x),
        clock=None if game.clock is None else clock.started(clock.setting(game.clock)),
        takebacks=game.takebacks,
        rematch_of=game.id,
        score=game.score,
    )


def act(game: Game, by: str, command: GameCommand, now: datetime) -> Game:
    """The game after `by`, a member of the thread, did that. Raises NotNow, Stale, Invalid."""
    return _ACTS[type(command)](game, by, command, now)


def place(game: Game, cell: int, by: str | None, now: datetime) -> Game:
    """The side on turn takes a cell. by: None for the AI. Raises Invalid."""
    mover = game.turn
    if mover is None:
        raise not_now("The game is not being played.")
    board = ruleset(game.spec).replay(game.moves).play(cell)
    over = board.status != "playing"
    line = list(board.line) if over and board.line else None
    running = (
        None
        if game.clock is None
        else clock.switched(game.clock, None if over else other(mover), now, moved=True)
    )
    return following(
        game,
        "moved",
        by,
        now,
        moves=[*game.moves, cell],
        line=line,
        status=board.status,
        phase="finished" if over else "playing",
        ending=None if not over else "line" if line else "full",
        turn=None if over else other(mover),
        clock=running,
        draw=game.draw if game.draw == mover and not over else None,
        takeback=None,
    )


def flag_fallen(game: Game, now: datetime) -> Game | None:
    """The game as lost on time, if a flag has fallen by now."""
    if game.turn is None or game.clock is None:
        return None
    at = clock.flag_at(game.clock)
    if at is None or now < at:
        return None
    return finished(game, "flag-fell", None, now, winner=other(game.turn), ending="clock")


def _new(id: UUID, by: str, now: datetime, *, seats: Seats, **more: Any) -> Game:
    """On offer if somebody else has a seat, otherwise begun."""
    waits = any(one.username not in (None, by) for one in (seats.x, seats.o))
    return Game(
        id=id,
        version=1,
        what="offered",
        by=by,
        at=now,
        offered_by=by,
        seats=seats,
        phase="offered" if waits else "playing",
        status="playing",
        turn=None if waits else "X",
        **more,
    )


def _check(asked: OfferGame | InvitedGame) -> None:
    if asked.x == asked.o and asked.x in ("me", "peer"):
        raise Invalid([FieldError("/o", f"cannot be {asked.x} too")])
    try:
        ruleset(asked.spec)
    except BadVariant as bad:
        raise Invalid(
            [FieldError(f"/spec{bad.errors[0].pointer}", bad.errors[0].detail)], bad.detail
        ) from None


def resumed(game: Game, away: timedelta, now: datetime) -> Game | None:
    """Gives back the time in which nobody could play, if the clock was running."""
    if game.clock is None or game.clock.running is None or game.clock.since is None:
        return None
    since = min(now, game.clock.since + away)
    return following(game, "resumed", None, now, clock=replace(game.clock, since=since))


def _accept(game: Game, by: str, command: Accept, now: datetime) -> Game:
    _must_be_asked(game, by)
    return following(game, "accepted", by, now, phase="playing", turn="X")


def _decline(game: Game, by: str, command: Decline, now: datetime) -> Game:
    _must_be_asked(game, by)
    return following(game, "declined", by, now, phase="declined")


def _withdraw(game: Game, by: str, command: Withdraw, now: datetime) -> Game:
    if game.phase == "offered":
        if by != game.offered_by:
            raise not_now("It is not your offer; decline it instead.")
    elif game.phase != "playing":
        raise is_over()
    elif game.seats.x.username or game.seats.o.username:
        the_side(game, by)
        if any(seat(game, "O" if ply % 2 else "X").username for ply in range(len(game.moves))):
            raise not_now("You have begun to play; resign instead.")
    stopped = None if game.clock is None else clock.switched(game.clock, None, now)
    return following(
        game, "withdrawn", by, now, phase="withdrawn", turn=None, clock=stopped, draw=None, takeback=None
    )


def _move(game: Game, by: str, command: Move, now: datetime) -> Game:
    side = the_side(game, by)
    if command.ply != len(game.moves):
        raise Stale(
            f"{len(game.moves)} moves have been made, not {command.ply}.",
            errors=[FieldError("/ply", f"is not {len(game.moves)}")],
        )
    if side != game.turn:
        raise not_now("It is not your turn.")
    return place(game, command.cell, by, now)


def _resign(game: Game, by: str, command: Resign, now: datetime) -> Game:
    return finished(game, "resigned", by, now, winner=other(the_side(game, by)), ending="resigned")


def _must_be_asked(game: Game, by: str) -> None:
    if game.phase != "offered":
        raise not_now("The game is not on offer.")
    if by == game.offered_by:
        raise not_now("It is for the other one to answer.")


def _seat(seated: Seated, by: str, peer: str) -> Seat:
    if seated in ("me", "peer"):
        return Seat(username=by if seated == "me" else peer)
    return Seat(level=seated)  # type: ignore[arg-type]  # what is left is a Level


_ACTS: dict[type, Callable[[Game, str, Any, datetime], Game]] = {
    Accept: _accept,
    Decline: _decline,
    Withdraw: _withdraw,
    Move: _move,
    Resign: _resign,
    Draw: offers.draw,
    Takeback: offers.takeback,
}
