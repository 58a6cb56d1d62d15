"""Which events are worth a notice, and to whom. Pure."""

from typing import Literal

import msgspec

from shared.wire import codec
from shared.wire.games import GAME, Game
from shared.wire.log_calls import Logged
from shared.wire.messages import JOINED, MESSAGE
from shared.wire.problems import Problem

What = Literal["message", "joined", "offer", "move", "draw", "takeback"]
_SAID: dict[str, What] = {MESSAGE: "message", JOINED: "joined"}
_ASKED: dict[str, What] = {"draw-offered": "draw", "takeback-offered": "takeback"}
_AND_NOW_IT_IS_THEIRS = ("accepted", "moved", "takeback-accepted", "takeback-declined", "draw-declined")


class Told(msgspec.Struct, frozen=True):
    """`user`, a member of the thread, is to hear of it from `peer`, the other one."""

    user: int
    peer: int
    peer_name: str
    what: What


def told_by(event: Logged) -> Told | None:
    """None for what nobody is told of: reactions, changes, games with the AI, moves that wait for nobody."""
    if event.kind in _SAID:
        return _to(event, event.low + event.high - event.sender, _SAID[event.kind])
    if event.kind != GAME:
        return None
    try:
        game = codec.decode(event.body, Game)
    except Problem:  # of a later version
        return None
    what, name = _waits(game)
    if not what or name not in (event.low_name, event.high_name):
        return None
    return _to(event, event.low if name == event.low_name else event.high, what)


def _to(event: Logged, user: int, what: What) -> Told:
    peer, name = (event.high, event.high_name) if user == event.low else (event.low, event.low_name)
    return Told(user, peer, name, what)


def _waits(game: Game) -> tuple[What | None, str | None]:
    """What the other player waits for now, and from whom; of two people who play."""
    names = [seat.username for seat in (game.seats.x, game.seats.o)]
    if None in names or game.by not in names:
        return None, None
    other = names[1 - names.index(game.by)]
    if game.what == "offered":
        return "offer", other
    if game.what in _ASKED:
        return _ASKED[game.what], other
    turn = game.turn and names["XO".index(game.turn)]
    if game.what in _AND_NOW_IT_IS_THEIRS and turn == other:
        return "move", other
    return None, None
