"""One call of a contract: what is routed is what is documented."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from shared.wire.problems import Kind, Problem

Problems = tuple[type[Problem], ...]


class File:
    """In the place of a type: bytes of any kind, which are passed on in pieces."""


class Operation(msgspec.Struct, frozen=True):
    """answers: status -> type of the body (None: no body). body, query: what the caller gives.

    problems: those that this call can meet on top of what every call of its kind can. session: whether the caller
    must show who it is. page: answered with HTML.
    """

    method: str
    path: str
    name: str
    summary: str
    answers: Mapping[int, Any]
    body: Any = None
    query: Any = None
    problems: Problems = ()
    session: bool = True
    page: bool = False


def kinds(problems: Iterable[type[Problem]]) -> list[Kind]:
    """Their kinds, each once, by status."""
    return sorted({problem.kind for problem in problems}, key=lambda kind: (kind.status, kind.code))
