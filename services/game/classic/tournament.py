"""Seeded matches between levels, which show that they differ. Pure."""

from dataclasses import dataclass
from random import Random
from typing import Literal

from services.game.classic.levels import LEVELS, choose
from services.game.classic.rules import EMPTY, place, status, turn
from shared.wire.tictactoe import Level


@dataclass(frozen=True)
class Score:
    """Games won, drawn and lost by the first player."""

    wins: int
    draws: int
    losses: int

    @property
    def margin(self) -> float:
        """(wins - losses) / games: 1 is every game won, 0 is equal."""
        return (self.wins - self.losses) / (self.wins + self.draws + self.losses)


def match(first: Level, second: Level, games: int, seed: int) -> Score:
    """Plays `games` games with X changing sides every game; the same seed gives the same score."""
    rng = Random(seed)  # noqa: S311  # chance for a board game, and it must repeat
    tally = {"first": 0, "second": 0, "draw": 0}
    for game in range(games):
        tally[_play(first, second, game % 2 == 0, rng)] += 1
    return Score(tally["first"], tally["draw"], tally["second"])


def all_matches(games: int, seed: int) -> dict[tuple[Level, Level], Score]:
    """Every level against every weaker one."""
    return {
        (stronger, weaker): match(stronger, weaker, games, seed)
        for i, stronger in enumerate(LEVELS)
        for weaker in LEVELS[:i]
    }


def table(games: int = 2000, seed: int = 2026) -> str:
    """The matches as a Markdown table, `games` in each."""
    rows = [
        f"| {stronger} against {weaker} | {score.wins} | {score.draws} | {score.losses} | {score.margin:+.3f} |"
        for (stronger, weaker), score in all_matches(games, seed).items()
    ]
    head = ["| match | won | drawn | lost | (won - lost) / games |", "|---|---:|---:|---:|---:|"]
    return "\n".join([*head, *rows]) + "\n"


def _play(first: Level, second: Level, first_is_x: bool, rng: Random) -> Literal["first", "second", "draw"]:
    position = EMPTY
    while (result := status(position)) == "playing":
        player = turn(position)
        level = first if (player == "X") == first_is_x else second
        position = place(position, player, choose(level, position, rng))
    if result == "draw":
        return "draw"
    return "first" if (result == "X") == first_is_x else "second"
