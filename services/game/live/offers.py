"""Draws and takebacks: one side asks, the other answers. Pure."""

from datetime import datetime

from services.game.live import clock
from services.game.live.state import between_people, finished, following, not_now, other, seat, the_side
from shared.wire.games import Draw, Game, Takeback
from shared.wire.tictactoe import Side


def draw(game: Game, by: str, command: Draw, now: datetime) -> Game:
    """Offer a draw, or answer one. Raises NotNow."""
    side = the_side(game, by)
    if not between_people(game):
        raise not_now("The AI agrees to no draw.")
    if command.answer == "accept" or (command.answer == "offer" and game.draw == other(side)):
        _must_stand(game.draw, other(side), "No draw is offered.")
        return finished(game, "draw-accepted", by, now, winner=None, ending="agreed")
    if command.answer == "offer":
        _must_stand(game.draw, None, "You have offered a draw already.")
        return following(game, "draw-offered", by, now, draw=side)
    if command.answer == "decline":
        _must_stand(game.draw, other(side), "No draw is offered.")
        return following(game, "draw-declined", by, now, draw=None)
    _must_stand(game.draw, side, "You have not offered a draw.")
    return following(game, "draw-withdrawn", by, now, draw=None)


def takeback(game: Game, by: str, command: Takeback, now: datetime) -> Game:
    """Ask to undo one's last move, or answer the one who asks. Raises NotNow."""
    side = the_side(game, by)
    if command.answer == "offer":
        return _ask_back(game, side, by, now)
    if command.answer == "accept":
        _must_stand(game.takeback, other(side), "Nobody asks to take back.")
        return _undone(game, other(side), by, now)
    if command.answer == "decline":
        _must_stand(game.takeback, other(side), "Nobody asks to take back.")
        return following(game, "takeback-declined", by, now, takeback=None)
    _must_stand(game.takeback, side, "You have not asked to take back.")
    return following(game, "takeback-withdrawn", by, now, takeback=None)


def _ask_back(game: Game, side: Side, by: str, now: datetime) -> Game:
    if not game.takebacks:
        raise not_now("This game is played without takebacks.")
    if _plies(game, side) > len(game.moves):
        raise not_now("You have not moved yet.")
    if seat(game, other(side)).level:
        return _undone(game, side, by, now)
    _must_stand(game.takeback, None, "One of you has asked already.")
    return following(game, "takeback-offered", by, now, takeback=side)


def _undone(game: Game, side: Side, by: str, now: datetime) -> Game:
    moves = game.moves[: len(game.moves) - _plies(game, side)]
    running = side if moves else None
    return following(
        game,
        "takeback-accepted",
        by,
        now,
        moves=moves,
        line=None,
        turn=side,
        clock=None if game.clock is None else clock.switched(game.clock, running, now),
        draw=None,
        takeback=None,
    )


def _plies(game: Game, side: Side) -> int:
    """How many moves to undo with the last one of `side`: the reply too, if `side` is on turn again."""
    return 2 if game.turn == side else 1


def _must_stand(found: Side | None, wanted: Side | None, otherwise: str) -> None:
    if found != wanted:
        raise not_now(otherwise, "/answer")
