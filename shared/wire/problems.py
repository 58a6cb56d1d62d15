"""Every error a caller can meet: one tree of exceptions, each declared with its kind, and one document (RFC 9457)."""

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


KINDS: dict[str, Kind] = {}
"""Every kind by its code, in the order of declaration: by status."""

_INTERNAL = Kind("internal", 500, "Something went wrong on our side")


class Problem(Exception):
    """The root of the errors that a caller is told about. A subclass that gives a kind declares it.

    detail: a sentence for a person. errors: the fields at fault. headers: of the HTTP answer.
    """

    kind = _INTERNAL
    retry = False

    def __init_subclass__(cls, *, kind: Kind | None = None) -> None:
        if kind is not None:
            cls.kind = KINDS[kind.code] = kind

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


class Malformed(Problem, kind=Kind("malformed", 400, "The request cannot be read")):
    """Not valid HTTP or JSON; the detail says what."""


class Unauthenticated(Problem, kind=Kind("unauthenticated", 401, "Log in first")):
    """No session, or one that has ended."""


class WrongCredentials(Problem, kind=Kind("wrong-credentials", 401, "Wrong name or password")):
    """The same for an unknown name and a wrong password."""


class WrongPassword(Problem, kind=Kind("wrong-password", 403, "The current password is wrong")):
    """When changing it, so for somebody who is logged in."""


class Forbidden(Problem, kind=Kind("forbidden", 403, "Not allowed")):
    """A program made a call that is not meant for it."""


class OverQuota(Problem, kind=Kind("over-quota", 403, "You have stored as much as you may")):
    """A message of somebody whose messages take all the room that one person has, or one state too many."""


class NotYours(Problem, kind=Kind("not-yours", 403, "That message is not yours")):
    """An edit or a delete of somebody else's message."""


class ForeignOrigin(Problem, kind=Kind("foreign-origin", 403, "The request comes from another site")):
    """Another site's page made the browser call us."""


class NotFound(Problem, kind=Kind("not-found", 404, "Not found")):
    """Not there, or not the caller's: the answers are the same."""


class MethodNotAllowed(
    Problem, kind=Kind("method-not-allowed", 405, "This address does not take that method")
):
    """The answer names the methods in `Allow`."""


class TooSlow(Problem, kind=Kind("too-slow", 408, "The request came too slowly")):
    """The head or the body missed its deadline."""


class Taken(Problem, kind=Kind("taken", 409, "That name is taken")):
    """A username."""


class Conflict(Problem, kind=Kind("conflict", 409, "This client_id was used for another text")):
    """The same client_id with other content."""


class Stale(Problem, kind=Kind("stale", 409, "It has changed meanwhile")):
    """A move for a ply that has already been played; a change to another revision of a state than the current one."""


class NotNow(Problem, kind=Kind("not-now", 409, "That cannot be done in this state of the game")):
    """A game command in the wrong phase; the detail says why."""


class TooManyGames(Problem, kind=Kind("too-many-games", 409, "Too many games are open")):
    """The detail names the limit."""


class TooManyInvites(Problem, kind=Kind("too-many-invites", 409, "Too many invitations are open")):
    """The detail names the limit."""


class OwnInvite(Problem, kind=Kind("own-invite", 409, "That is your own invitation")):
    """Nobody accepts an invitation of theirs."""


class TooManyEdits(Problem, kind=Kind("too-many-edits", 409, "A message can be edited 50 times")):
    """Another edit of a message that has had as many as it may."""


class Gone(Problem, kind=Kind("gone", 410, "That message is deleted")):
    """A change to a message that has been deleted, or a look at its earlier texts."""


class InviteOver(Problem, kind=Kind("invite-over", 410, "That invitation is over")):
    """Used by somebody else, taken back, or expired; the detail says which."""


class TooLarge(Problem, kind=Kind("too-large", 413, "The body is too large")):
    """More than `MAX_BODY_BYTES`, or than a file may have."""


class UnsupportedMediaType(Problem, kind=Kind("unsupported-media-type", 415, "The body must be JSON")):
    """Not `application/json`, or with a Content-Encoding."""


class ExpectationFailed(Problem, kind=Kind("expectation-failed", 417, "That expectation is not known here")):
    """An `Expect` other than 100-continue."""


class Misdirected(Problem, kind=Kind("misdirected", 421, "This host is not served here")):
    """A `Host` other than ours."""


class Invalid(Problem, kind=Kind("invalid", 422, "Something in the request is not valid")):
    """A 422 that names its fields."""

    def __init__(self, errors: Sequence[FieldError], detail: str = "") -> None:
        sentence = detail or "; ".join(
            f"{error.pointer.lstrip('/?') or 'this'} {error.detail}" for error in errors
        )
        super().__init__(sentence, errors=errors)


class CursorAhead(Problem, kind=Kind("cursor-ahead", 422, "The cursor is ahead of the thread")):
    """On a socket: hello or sync beyond the head."""


class Ahead(Problem, kind=Kind("ahead", 422, "There is no such message yet")):
    """A seq beyond the head of the thread as the target of a change or a reply."""


class NotAMessage(Problem, kind=Kind("not-a-message", 422, "That is not a message")):
    """A seq of another kind of event as the target of a change or a reply."""


class UnknownFrame(Problem, kind=Kind("unknown-frame", 422, "The frame is not understood")):
    """On a socket: no frame has this type."""


class HelloFirst(Problem, kind=Kind("hello-first", 422, "The first frame must be hello")):
    """On a socket: any other frame before hello."""


class HelloAgain(Problem, kind=Kind("hello-again", 422, "Hello was said already")):
    """On a socket: a second hello."""


class RateLimited(Problem, kind=Kind("rate-limited", 429, "Too many requests")):
    """retry_after_s: seconds until the next call would be taken."""

    retry = True

    def __init__(self, retry_after_s: float, detail: str = "") -> None:
        super().__init__(detail, headers={"Retry-After": str(max(1, round(retry_after_s + 0.5)))})


class HeadersTooLarge(
    Problem, kind=Kind("headers-too-large", 431, "The address or the headers are too large")
):
    """The request line or the headers together."""


class Internal(Problem, kind=_INTERNAL):
    """Unforeseen; the details are in our log."""


class Unavailable(Problem, kind=Kind("unavailable", 503, "Not available just now")):
    """Something needed for the answer is away; the same call may succeed later."""

    retry = True

    def __init__(self, detail: str = "", **options: Any) -> None:
        super().__init__(detail, **options)
        self.headers.setdefault("Retry-After", "1")


def all_subclasses(root: type[Problem]) -> list[type[Problem]]:
    """`root`'s descendants, nearest first."""
    return [found for child in root.__subclasses__() for found in (child, *all_subclasses(child))]


def from_document(document: ProblemDocument) -> Problem:
    """Another program's problem as an exception, so that it can be raised here."""
    code = document.code or document.type.rpartition("#problem-")[2]
    problem = Problem(document.detail, errors=document.errors)
    problem.kind = KINDS.get(code) or Kind(code or "internal", document.status, document.title)
    problem.retry = document.retry
    return problem
