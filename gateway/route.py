"""The type of a line of the public contract, and the problems that a call can be answered with."""

from gateway.limits import Limit
from shared.contract.operation import File, Operation, kinds
from shared.wire.problems import (
    ExpectationFailed,
    ForeignOrigin,
    HeadersTooLarge,
    Invalid,
    Kind,
    Malformed,
    Misdirected,
    NotFound,
    Problem,
    RateLimited,
    TooLarge,
    TooSlow,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)

ALWAYS = (Malformed, TooSlow, UnsupportedMediaType, ExpectationFailed, Misdirected, HeadersTooLarge)
"""The problems that any call can meet before its content is looked at."""


class Route(Operation, frozen=True, kw_only=True):
    """service: who answers; empty: the gateway itself. limit: which one the call counts against.

    drops_sessions: auth is asked about the caller's again: some may have ended, or tell another name. A forwarded call
    must bear being made twice.
    """

    service: str = ""
    limit: Limit = "calls"
    drops_sessions: bool = False

    @property
    def streams(self) -> bool:
        """Whether a file goes through it, one way or the other."""
        return self.body is File or File in self.answers.values()


def problems_of(route: Route) -> list[Kind]:
    """The kinds of problems that a route can answer with, by status."""
    problems: list[type[Problem]] = [*ALWAYS, *route.problems]
    if route.session:
        problems.append(Unauthenticated)
    if route.body is not None:
        problems += [TooLarge, Invalid]
    if route.query is not None:
        problems.append(Invalid)
    if "{" in route.path:
        problems.append(NotFound)
    if route.method != "GET":
        problems.append(ForeignOrigin)
    if route.limit != "none":
        problems.append(RateLimited)
    if route.service or route.session or route.body is not None:
        problems.append(Unavailable)
    return kinds(problems)
