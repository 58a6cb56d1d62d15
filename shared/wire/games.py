"""Live games in a thread: the commands, and the state that every event of a game carries."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.wire.body import Body
from shared.wire.ids import AnySeq
from shared.wire.tictactoe import Level, Side, Status, VariantSpec

GAME = "game"
"""The kind of an event that is a change of a game; its body is a Game."""

Seated = Literal["me", "peer", "easy", "medium", "hard", "perfect"]
Phase = Literal["offered", "playing", "finished", "declined", "withdrawn"]
Ending = Literal["line", "full", "resigned", "clock", "agreed"]
What = Literal[
    "offered",
    "accepted",
    "declined",
    "withdrawn",
    "moved",
    "resigned",
    "flag-fell",
    "resumed",
    "draw-offered",
    "draw-accepted",
    "draw-declined",
    "draw-withdrawn",
    "takeback-offered",
    "takeback-accepted",
    "takeback-declined",
    "takeback-withdrawn",
]
Answer = Literal["offer", "accept", "decline", "withdraw"]
Ply = Annotated[int, Meta(ge=0, le=225)]
AnyCell = Annotated[int, Meta(ge=0, le=224)]
Milliseconds = Annotated[int, Meta(ge=0)]


class ClockSetting(Body, frozen=True):
    """Seconds that each side has at the start, and gains with each move."""

    initial_s: Annotated[int, Meta(ge=5, le=10_800)]
    increment_s: Annotated[int, Meta(ge=0, le=180)] = 0


class OfferGame(Body, frozen=True):
    """POST /api/threads/{username}/games. x, o: who plays that side; X moves first.

    At most one side is `me` and one `peer`; a level seats the AI. toss: swap the sides at random. Without a `peer`
    the game begins at once, else when the peer accepts. clock: none if left out.
    """

    client_id: UUID
    x: Seated = "me"
    o: Seated = "peer"
    spec: VariantSpec = VariantSpec()
    toss: bool = False
    clock: ClockSetting | None = None
    takebacks: bool = True


class InvitedGame(Body, frozen=True):
    """The game of an invitation: an OfferGame to somebody who is not known yet, and who has a seat."""

    x: Seated = "me"
    o: Seated = "peer"
    spec: VariantSpec = VariantSpec()
    toss: bool = False
    clock: ClockSetting | None = None
    takebacks: bool = True

    def offer(self, client_id: UUID) -> OfferGame:
        """The same, offered."""
        return OfferGame(client_id, self.x, self.o, self.spec, self.toss, self.clock, self.takebacks)


class _Command(Body, frozen=True, tag_field="do"):
    """client_id: the caller's idempotency key; the same command again changes nothing."""

    client_id: UUID


class Accept(_Command, frozen=True, tag="accept"):
    """Take the offered game: it begins."""


class Decline(_Command, frozen=True, tag="decline"):
    """Refuse the offered game."""


class Withdraw(_Command, frozen=True, tag="withdraw"):
    """Take back one's own offer, or end without a result a game in which no person has moved yet."""


class Move(_Command, frozen=True, tag="move"):
    """Take `cell`. ply: how many moves were made before this one; 409 `stale` if that is no longer true."""

    ply: Ply
    cell: AnyCell


class Resign(_Command, frozen=True, tag="resign"):
    """Give the game up."""


class Draw(_Command, frozen=True, tag="draw"):
    """Offer a draw; accept, decline or withdraw the offer that stands. Offering against an offer accepts it."""

    answer: Answer


class Takeback(_Command, frozen=True, tag="takeback"):
    """Ask to undo one's last move and the reply to it, or answer the one who asks. The AI agrees at once."""

    answer: Answer


class Rematch(_Command, frozen=True, tag="rematch"):
    """Offer the same game again with sides swapped, once it is finished; answered with the new game."""


GameCommand = Accept | Decline | Withdraw | Move | Resign | Draw | Takeback | Rematch


class Seat(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who plays a side: a member of the thread, or the AI at a level."""

    username: str | None = None
    level: Level | None = None


class Seats(msgspec.Struct, frozen=True, rename={"x": "X", "o": "O"}):
    x: Seat
    o: Seat


class Clock(msgspec.Struct, frozen=True):
    """x_ms, o_ms: what each side had left at `since`. running: whose time runs from then on.

    No clock runs before the first move, nor while the game service is away (`resumed` then moves `since`). The
    server alone decides that a flag fell.
    """

    initial_s: int
    increment_s: int
    x_ms: Milliseconds
    o_ms: Milliseconds
    running: Side | None = None
    since: datetime | None = None


class Score(msgspec.Struct, frozen=True):
    """Counts the finished games that the two members played against each other. wins: by username."""

    wins: dict[str, int]
    draws: int


class Tally(msgspec.Struct, frozen=True):
    """Counts one member's finished games against the AI at one level in one thread, all variants together."""

    wins: int = 0
    losses: int = 0
    draws: int = 0


class Game(msgspec.Struct, frozen=True, kw_only=True):
    """A game after its `version`-th change: the body of each `game` event, so the newest one alone says everything.

    what, by: what changed and who did it (null: the AI or the clock). moves: cells, X's first. turn: while playing.
    status, line: of the board, or the winner by other means; ending: why it is finished. draw, takeback: the side
    that offers, or asks for, one now. rematch_of: the game it repeats. score, against_ai: after this change;
    the latter of the member who plays the AI here, against its level; null where two people play, or the AI itself.
    """

    id: UUID
    version: int
    what: What
    by: str | None
    at: datetime
    offered_by: str
    spec: VariantSpec
    seats: Seats
    phase: Phase
    status: Status
    turn: Side | None = None
    moves: list[AnyCell] = []
    line: list[AnyCell] | None = None
    ending: Ending | None = None
    clock: Clock | None = None
    draw: Side | None = None
    takeback: Side | None = None
    takebacks: bool = True
    rematch_of: UUID | None = None
    score: Score
    against_ai: Tally | None = None


class ThreadGame(msgspec.Struct, frozen=True):
    """A game as one member sees it. thread: the other's username. seq: of its first event, null until it is in the log.

    waiting: it is the caller's turn to move or to answer.
    """

    thread: str
    seq: int | None
    waiting: bool
    game: Game


class GamesQuery(Body, frozen=True, rename={"from_": "from"}):
    """from, to: only games whose first event has a seq in this range (both ends included), any phase.

    phase=finished: only those played to an end, in the range or in all. Without any: those offered or being played.
    limit: takes the newest of a range, the oldest of the open ones.
    """

    from_: AnySeq | None = None
    to: AnySeq | None = None
    phase: Literal["any", "finished"] = "any"
    limit: Annotated[int, Meta(ge=1, le=200)] = 200


class ThreadGames(msgspec.Struct, frozen=True):
    """games: ascending by seq, at most `limit`. against_ai: the caller's, by level."""

    games: list[ThreadGame]
    score: Score
    against_ai: dict[Level, Tally] = {}


class MyGamesQuery(Body, frozen=True):
    """turn=mine: only those waiting for me."""

    turn: Literal["any", "mine"] = "any"


class MyGames(msgspec.Struct, frozen=True):
    """Offered or being played in any thread, last changed first, at most 200."""

    games: list[ThreadGame]
