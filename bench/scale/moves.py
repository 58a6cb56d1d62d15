"""The AI move through the gateway against a bare aiohttp echo of the same JSON."""

import random
from urllib.parse import urlsplit

import msgspec

from bench.load.requests import Answers, drive, for_ever, request
from bench.measure.figures import Latency
from bench.measure.phases import latency
from bench.targets.duet import duet
from bench.targets.peers import echo

_CONNECTIONS = 16
_BOARDS = 500
_WON = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))


class Moves(msgspec.Struct, frozen=True):
    """Requests a second and their latency."""

    move_a_second: float
    move: Latency | None
    echo_a_second: float
    echo: Latency | None

    @property
    def ratio(self) -> float:
        return self.move_a_second / self.echo_a_second


def measure(seconds: float) -> Moves:
    boards = [_board(random.Random(seed)) for seed in range(_BOARDS)]
    with echo() as running:
        floor = _post(running.base_urls[0], "/echo", boards, seconds)
    with duet() as running:
        moves = _post(running.base_urls[0], "/api/tictactoe/move", boards, seconds)
    return Moves(moves.a_second, latency(moves.latency_ms), floor.a_second, latency(floor.latency_ms))


def _post(base_url: str, path: str, boards: list[str], seconds: float) -> Answers:
    host = urlsplit(base_url).netloc
    requests = [request("POST", path, host, msgspec.json.encode({"board": board})) for board in boards]
    drive(base_url, for_ever(requests), _CONNECTIONS, seconds / 4)
    answers = drive(base_url, for_ever(requests), _CONNECTIONS, seconds)
    assert not answers.failed, f"{answers.failed} of {answers.answered} were refused"
    return answers


def _board(chance: random.Random) -> str:
    """Reached by legal moves, and not finished."""
    while True:
        cells = ["."] * 9
        for ply in range(chance.randrange(8)):
            cells[chance.choice([place for place, cell in enumerate(cells) if cell == "."])] = "XO"[ply % 2]
        if not any(cells[a] != "." and cells[a] == cells[b] == cells[c] for a, b, c in _WON):
            return "".join(cells)
