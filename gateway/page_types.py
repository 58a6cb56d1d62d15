"""The contract as TypeScript, against which the pages' scripts are checked: gateway/wire.d.ts.

`python -m gateway.page_types` writes it.
"""

from collections.abc import Callable
from pathlib import Path
from textwrap import indent
from typing import Any, Literal, get_args, get_origin

from msgspec import inspect as wire

from gateway.contract import ROUTES
from gateway.route import Route
from gateway.typescript import choice, fields, interface, structs, typescript
from shared.contract.operation import File
from shared.wire import games, tictactoe
from shared.wire.frames import ClientFrame, ServerFrame

FILE = Path(__file__).with_name("wire.d.ts")
_CHOICES = {
    name: get_args(value)
    for module in (tictactoe, games)
    for name, value in vars(module).items()
    if get_origin(value) is Literal
}
_NAMES = {frozenset(words): name for name, words in _CHOICES.items()}
_UNIONS = {"ClientFrame": ClientFrame, "ServerFrame": ServerFrame, "GameCommand": games.GameCommand}
_ROUTES = [route for route in ROUTES if not route.page]


def text() -> str:
    """The literal types, the structs, and what each route takes and answers."""
    answers = [kind for route in _ROUTES for kind in route.answers.values() if kind not in (None, File)]
    ours = structs([*answers, ServerFrame, games.Game])
    asked = structs([*(route.body for route in _ROUTES if route.body not in (None, File)), ClientFrame])
    every = asked | ours
    parts = [
        *(f"type {name} = {choice(words)};" for name, words in _CHOICES.items()),
        *(f"type {name} = {typescript(wire.type_info(union), {})};" for name, union in _UNIONS.items()),
        *(interface(every[name], _NAMES, ours=name in ours) for name in sorted(every)),
        _by_route("Bodies", _body),
        _by_route("Queries", _query),
        _by_route("Answers", _answer),
    ]
    inside = indent("\n".join(parts), "  ")
    return f"// Written by python -m gateway.page_types.\n\ndeclare namespace Wire {{\n{inside}\n}}\n"


def _by_route(name: str, of: Callable[[Route], str | None]) -> str:
    lines = [f'  "{route.method} {route.path}": {kind};\n' for route in _ROUTES if (kind := of(route))]
    return f"interface {name} {{\n{''.join(lines)}}}"


def _body(route: Route) -> str | None:
    return None if route.body is None else _in_words(route.body)


def _query(route: Route) -> str | None:
    if route.query is None:
        return None
    struct = wire.type_info(route.query)
    assert isinstance(struct, wire.StructType)  # noqa: S101 - for mypy
    return f"{{ {'; '.join(fields(struct, _NAMES))} }}"


def _answer(route: Route) -> str:
    return " | ".join(dict.fromkeys(_in_words(kind) for kind in route.answers.values()))


def _in_words(kind: Any) -> str:
    return "Blob" if kind is File else typescript(wire.type_info(kind), _NAMES)


def main() -> None:
    """Writes the file."""
    FILE.write_text(text())


if __name__ == "__main__":
    main()
