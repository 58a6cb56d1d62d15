"""Every reachable position by breadth, with the number of move sequences that lead to it.

Independent of the solver: it uses the rules alone.
"""

from collections import Counter
from functools import cache

from services.game.classic.rules import EMPTY, Position, empty_cells, place, status, to_text, turn

# Where each cell goes under a quarter turn and under a mirror.
_QUARTER = (6, 3, 0, 7, 4, 1, 8, 5, 2)
_MIRROR = (2, 1, 0, 5, 4, 3, 8, 7, 6)


@cache
def plies() -> list[Counter[Position]]:
    """After n plies, n = 0..9: how many move sequences end in each position."""
    levels = [Counter({EMPTY: 1})]
    while levels[-1]:
        following = Counter[Position]()
        for position, count in levels[-1].items():
            if status(position) == "playing":
                for cell in empty_cells(position):
                    following[place(position, turn(position), cell)] += count
        levels.append(following)
    return levels[:-1]


def histories_by_ply() -> list[int]:
    """How many move sequences have n plies, n = 0..9."""
    return [sum(level.values()) for level in plies()]


def complete_games() -> Counter[tuple[str, int]]:
    """How many finished games there are of each result and length in plies."""
    games = Counter[tuple[str, int]]()
    for length, level in enumerate(plies()):
        for position, count in level.items():
            if status(position) != "playing":
                games[status(position), length] += count
    return games


REACHABLE: list[Position] = [position for level in plies() for position in level]
PLAYABLE: list[Position] = [position for position in REACHABLE if status(position) == "playing"]


def images(position: Position) -> list[Position]:
    """The position under the eight symmetries of the square."""
    found = []
    for mirrored in (position, _moved(position, _MIRROR)):
        turned = mirrored
        for _ in range(4):
            found.append(turned)
            turned = _moved(turned, _QUARTER)
    return found


def canonical(position: Position) -> Position:
    """One representative of all symmetric positions."""
    return min(images(position))


def _moved(position: Position, order: tuple[int, ...]) -> Position:
    text = to_text(position)
    moved = [text[cell] for cell in order]
    return Position(
        sum(1 << cell for cell, stone in enumerate(moved) if stone == "X"),
        sum(1 << cell for cell, stone in enumerate(moved) if stone == "O"),
    )
