"""A game as it is stored: its state, and what only the service knows about it."""

import msgspec
from msgspec.structs import replace

from services.game.live.state import side_of, waits_for
from shared.wire import codec
from shared.wire.games import Game, Score, ThreadGame
from shared.wire.problems import NotFound


class Pair(msgspec.Struct, frozen=True):
    """The two members of a thread: user ids, low < high, and usernames."""

    low: int
    high: int
    low_name: str
    high_name: str

    @classmethod
    def of(cls, one: int, one_name: str, other: int, other_name: str) -> "Pair":
        """From its two members in either order."""
        if one < other:
            return cls(one, other, one_name, other_name)
        return cls(other, one, other_name, one_name)

    def peer_name(self, user: int) -> str:
        """What one member calls the thread: the other's username."""
        return self.high_name if user == self.low else self.low_name

    def id_of(self, name: str) -> int:
        """A member's user id."""
        return self.low if name == self.low_name else self.high

    def score(self, low_wins: int, high_wins: int, draws: int) -> Score:
        """The score as it stands in events."""
        return Score({self.low_name: low_wins, self.high_name: high_wins}, draws)


class Record(msgspec.Struct, frozen=True):
    """seq: of the game's first event, None until it is in the log."""

    pair: Pair
    game: Game
    seq: int | None = None

    def seen_by(self, user: int) -> ThreadGame:
        """As one of its members gets it."""
        name = self.pair.low_name if user == self.pair.low else self.pair.high_name
        return ThreadGame(self.pair.peer_name(user), self.seq, name in waits_for(self.game), self.game)

    def with_game(self, game: Game) -> "Record":
        return replace(self, game=game)

    @property
    def sender(self) -> str:
        """The member under whose name the log has the last change."""
        return self.game.by or self.game.offered_by


def for_member(record: Record | None, user: int) -> Record:
    """The game, if `user` is one of the two. Raises NotFound."""
    if record is None or user not in (record.pair.low, record.pair.high):
        raise NotFound("There is no such game")
    return record


def winner_of(game: Game) -> str | None:
    """The username of who won; None for a draw."""
    for name in (game.seats.x.username, game.seats.o.username):
        if name and side_of(game, name) == game.status:
            return name
    return None


def fingerprint(value: object) -> str:
    """Distinguishes a repeated command from a different one with the same client_id."""
    return codec.encode(value).decode()
