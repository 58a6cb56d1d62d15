"""engine.wasm, loaded into this process. One study at a time."""

import struct
import time
from collections.abc import Callable
from typing import Any

import wasmtime

from services.game.native.build import binary
from services.game.native.question import Found, Question
from services.game.variants.ultimate import board_of, cell_at, place_of

_MOVE = struct.Struct("<4i12h")
_NO_LIMIT = 2**31 - 1
Renumber = Callable[[int], int]


class Library:
    """Loading takes some 50 ms; the engine needs about 30 MB of memory. Raises WrongBinaryError."""

    def __init__(self) -> None:
        engine = wasmtime.Engine()
        self._store = wasmtime.Store(engine)
        self._deadline = 0.0
        linker = wasmtime.Linker(engine)
        i32 = wasmtime.ValType.i32()
        linker.define_func("host", "expired", wasmtime.FuncType([], [i32]), self._expired)
        module = wasmtime.Module(engine, binary())
        self._exports = linker.instantiate(self._store, module).exports(self._store)

    def study(self, question: Question) -> list[Found]:
        """The moves of an unfinished position, best first. Without all_moves, poor ones may be missing."""
        limit = question.time_limit_s
        self._deadline = float("inf") if limit is None else time.monotonic() + limit
        self._call("seed", question.seed)
        side = (len(question.text) - question.text.count(".")) % 2
        if question.spec.variant == "ultimate":
            self._ultimate(question, side)
            return self._found(lambda cell: cell_at(cell // 9, cell % 9))
        self._lines(question, side)
        return self._found(lambda cell: cell)

    def _lines(self, question: Question, side: int) -> None:
        effort = question.effort
        self._call("lines_setup", question.spec.m, question.spec.n, question.spec.k)
        for cell, stone in enumerate(question.text):
            if stone != ".":
                self._call("lines_put", cell, "XO".index(stone))
        bounds = (effort.depth, effort.width, min(effort.nodes, _NO_LIMIT))
        self._call("lines_study", side, *bounds, question.all_moves, effort.solve)

    def _ultimate(self, question: Question, side: int) -> None:
        effort = question.effort
        self._call("ultimate_setup")
        for cell, stone in enumerate(question.text):
            if stone != ".":
                self._call("ultimate_put", _numbered(cell), "XO".index(stone))
        self._call("ultimate_last", -1 if question.last is None else _numbered(question.last))
        nodes = min(effort.nodes, _NO_LIMIT)
        self._call("ultimate_study", side, nodes, nodes, question.all_moves, effort.solve)

    def _found(self, cell_of: Renumber) -> list[Found]:
        start, count = self._call("found"), self._call("found_count")
        memory: Any = self._exports["memory"]
        raw = memory.read(self._store, start, start + _MOVE.size * count)
        found = []
        for cell, known, score, estimate, *line in _MOVE.iter_unpack(bytes(raw)):
            cells = line[: line.index(-1)] if -1 in line else line
            found.append(
                Found(cell_of(cell), known, score, estimate / 1e6, [cell_of(each) for each in cells])
            )
        return found

    def _call(self, name: str, *arguments: Any) -> Any:
        function: Any = self._exports[name]
        return function(self._store, *map(int, arguments))

    def _expired(self) -> int:
        return int(time.monotonic() > self._deadline)


def _numbered(cell: int) -> int:
    """The engine counts board by board."""
    return board_of(cell) * 9 + place_of(cell)
