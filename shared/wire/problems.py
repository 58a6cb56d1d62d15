"""Every error a caller can meet: one table of kinds, one document (RFC 9457), one tree of exceptions."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class Kind(msgspec.Struct, frozen=True):
    """A kind of problem. code: stable, part of the contract. status: HTTP."""

    code: str
    status: int
    title: str


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field.

    pointer: JSON pointer (RFC 6901) into the body, `?name` for a query, or `{name}` for a part of the path.
    """

    pointer: str
    detail: str


class ProblemDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every error. retry: on a socket, the same send may succeed later."""

    type: str
    title: str
    status: int
    detail: str = ""
    code: str = ""
    errors: Sequence[FieldError] = ()
    retry: bool = False


KINDS = {
    kind.code: kind
    for kind in (
        Kind("malformed", 400, "The request cannot be read"),
        Kind("unauthenticated", 401, "Log in first"),
        Kind("wrong-credentials", 401, "Wrong name or password"),
        Kind("wrong-password", 403, "The current password is wrong"),
        Kind("forbidden", 403, "Not allowed"),
        Kind("foreign-origin", 403, "The request comes from another site"),
        Kind("not-found", 404, "Not found"),
        Kind("method-not-allowed", 405, "This address does not take that method"),
        Kind("too-slow", 408, "The request came too slowly"),
        Kind("taken", 409, "That name is taken"),
        Kind("conflict", 409, "This client_id was used for another text"),
        Kind("stale", 409, "The game has moved on"),
        Kind("not-now", 409, "That cannot be done in this state of the game"),
        Kind("too-many-games", 409, "Too many games are open"),
        Kind("too-large", 413, "The body is too large"),
        Kind("unsupported-media-type", 415, "The body must be JSON"),
        Kind("expectation-failed", 417, "That expectation is not known here"),
        Kind("misdirected", 421, "This host is not served here"),
        Kind("invalid", 422, "Something in the request is not valid"),
        Kind("cursor-ahead", 422, "The cursor is ahead of the thread"),
        Kind("unknown-frame", 422, "The frame is not understood"),
        Kind("hello-first", 422, "The first frame must be hello"),
        Kind("hello-again", 422, "Hello was said already"),
        Kind("rate-limited", 429, "Too many requests"),
        Kind("headers-too-large", 431, "The address or the headers are too large"),
        Kind("internal", 500, "Something went wrong on our side"),
        Kind("unavailable", 503, "Not available just now"),
    )
}


class Problem(Exception):
    """The root of the errors that a caller is told about. Subclasses name their kind.

    detail: a sentence for a person. errors: the fields at fault. headers: of the HTTP answer.
    """

    kind = KINDS["internal"]
    retry = False

    def __init__(
        self, detail: str = "", *, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail or self.kind.title)
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})

    def document(self) -> ProblemDocument:
        """The problem as it is sent."""
        return ProblemDocument(
            type=f"/api/docs#problem-{self.kind.code}",
            title=self.kind.title,
            status=self.kind.status,
            detail=self.detail,
            code=self.kind.code,
            errors=self.errors,
            retry=self.retry,
        )


class Malformed(Problem):
    kind = KINDS["malformed"]


class Unauthenticated(Problem):
    kind = KINDS["unauthenticated"]


class WrongCredentials(Problem):
    kind = KINDS["wrong-credentials"]


class WrongPassword(Problem):
    kind = KINDS["wrong-password"]


class Forbidden(Problem):
    kind = KINDS["forbidden"]


class ForeignOrigin(Problem):
    kind = KINDS["foreign-origin"]


class NotFound(Problem):
    kind = KINDS["not-found"]


class MethodNotAllowed(Problem):
    kind = KINDS["method-not-allowed"]


class TooSlow(Problem):
    kind = KINDS["too-slow"]


class Taken(Problem):
    kind = KINDS["taken"]


class Conflict(Problem):
    kind = KINDS["conflict"]


class Stale(Problem):
    kind = KINDS["stale"]


class NotNow(Problem):
    kind = KINDS["not-now"]


class TooManyGames(Problem):
    kind = KINDS["too-many-games"]


class TooLarge(Problem):
    kind = KINDS["too-large"]


class UnsupportedMediaType(Problem):
    kind = KINDS["unsupported-media-type"]


class ExpectationFailed(Problem):
    kind = KINDS["expectation-failed"]


class HeadersTooLarge(Problem):
    kind = KINDS["headers-too-large"]


class Misdirected(Problem):
    kind = KINDS["misdirected"]


class Invalid(Problem):
    """A 422 that names its fields."""

    kind = KINDS["invalid"]

    def __init__(self, errors: Sequence[FieldError], detail: str = "") -> None:
        sentence = detail or "; ".join(
            f"{error.pointer.lstrip('/?') or 'this'} {error.detail}" for error in errors
        )
        super().__init__(sentence, errors=errors)


class CursorAhead(Problem):
    kind = KINDS["cursor-ahead"]


class UnknownFrame(Problem):
    kind = KINDS["unknown-frame"]


class HelloFirst(Problem):
    kind = KINDS["hello-first"]


class HelloAgain(Problem):
    kind = KINDS["hello-again"]


class RateLimited(Problem):
    """retry_after_s: seconds until the next call would be taken."""

    kind = KINDS["rate-limited"]
    retry = True

    def __init__(self, retry_after_s: float, detail: str = "") -> None:
        super().__init__(detail, headers={"Retry-After": str(max(1, round(retry_after_s + 0.5)))})


class Internal(Problem):
    kind = KINDS["internal"]


class Unavailable(Problem):
    """A part that the answer needs does not answer; the same call may succeed later."""

    kind = KINDS["unavailable"]
    retry = True

    def __init__(self, detail: str = "", **options: Any) -> None:
        super().__init__(detail, **options)
        self.headers.setdefault("Retry-After", "1")


def all_subclasses(root: type[Problem]) -> list[type[Problem]]:
    """`root`'s descendants, nearest first."""
    return [found for child in root.__subclasses__() for found in (child, *all_subclasses(child))]


def from_document(document: ProblemDocument) -> Problem:
    """The exception that another program's problem stands for, so that it can be raised on here."""
    code = document.code or document.type.rpartition("#problem-")[2]
    problem = Problem(document.detail, errors=document.errors)
    problem.kind = KINDS.get(code) or Kind(code or "internal", document.status, document.title)
    problem.retry = document.retry
    return problem
