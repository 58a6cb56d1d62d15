"""The lines of a service's routes.py that other programs call: one line routes a call and declares it."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from shared.contract.operation import Operation
from shared.plumbing.http.web import callers_of
from shared.wire.problems import Problem


class InternalRoute(web.RouteDef):
    """A call by other programs, each for itself: those that the handler is marked for with `allow`."""

    @property
    def operation(self) -> Operation:
        """What the call is declared as."""
        declared: Operation = self.kwargs["operation"]
        return declared

    @property
    def callers(self) -> tuple[str, ...]:
        """The programs that may call it; empty: none, it is for users."""
        return callers_of(self.handler) or ()

    def register(self, router: web.UrlDispatcher) -> list[web.AbstractRoute]:
        """Without HEAD: a program asks for what it wants to read."""
        return [router.add_route(self.method, self.path, self.handler)]


def get(
    path: str, handler: Handler, answers: Mapping[int, Any], *, name: str = "", summary: str = ""
) -> InternalRoute:
    """name, summary: by default the handler's name, and the first line of its docstring."""
    return _declared(
        Operation("GET", path, name or _name(handler), summary or _summary(handler), answers), handler
    )


def post(
    path: str, handler: Handler, body: Any, answers: Mapping[int, Any], *problems: type[Problem]
) -> InternalRoute:
    """The same with a body. problems: those on top of what every such call can meet."""
    name, summary = _name(handler), _summary(handler)
    return _declared(Operation("POST", path, name, summary, answers, body=body, problems=problems), handler)


def _declared(operation: Operation, handler: Handler) -> InternalRoute:
    return InternalRoute(operation.method, operation.path, handler, {"operation": operation})


def _name(handler: Handler) -> str:
    first, *others = handler.__name__.split("_")
    return first + "".join(map(str.capitalize, others))


def _summary(handler: Handler) -> str:
    return (handler.__doc__ or "").partition("\n")[0].removesuffix(".")
