"""`python -m deploy.documents`: writes docs/api/, what each service serves to the other programs, as OpenAPI.

Put together here because only here both tables are known: the gateway's public one and each service's own.
"""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from gateway import contract
from shared.contract.internal import InternalRoute
from shared.contract.openapi import openapi
from shared.contract.operation import Operation, kinds
from shared.wire.problems import (
    Forbidden,
    Invalid,
    Kind,
    Malformed,
    NotFound,
    Problem,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)

DIRECTORY = Path(__file__).parents[1] / "docs" / "api"
SERVICES = ("auth", "threads", "relay", "game", "media", "notify")
_HEALTH: list[Operation] = [route for route in contract.ROUTES if route.path.startswith("/health/")]
_SECURITY = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "EdDSA, aud = this service, at most 60 s: by the gateway for a user, or by the caller itself",
}


def internal(service: str) -> list[InternalRoute]:
    """What a service declares in its own routes.py."""
    routes = import_module(f"services.{service}.routes").ROUTES
    return [route for route in routes if isinstance(route, InternalRoute)]


def document(service: str) -> dict[str, Any]:
    """The OpenAPI of one service: what the gateway forwards to it, and what other programs ask of it."""
    forwarded = [route for route in contract.ROUTES if route.service == service]
    own = internal(service)
    described = openapi(
        f"Duet: the {service} service",
        [*forwarded, *(route.operation for route in own), *_HEALTH],
        _SECURITY,
        "Reached by the other programs only. Forwarded calls carry the user in the gateway's token.",
        problems_of=_problems_of,
    )
    for route in own:
        operation = described["paths"][route.operation.path][route.operation.method.lower()]
        operation["x-callers"] = list(route.callers)
    return described


def _problems_of(operation: Operation) -> list[Kind]:
    """Without what the gateway alone refuses."""
    if operation in _HEALTH:
        return []
    problems: list[type[Problem]] = [Unauthenticated, Forbidden, Unavailable, *operation.problems]
    if operation.body is not None:
        problems += [Malformed, TooLarge, UnsupportedMediaType, Invalid]
    if operation.query is not None:
        problems += [Malformed, Invalid]
    if "{" in operation.path:
        problems.append(NotFound)
    return kinds(problems)


def text(service: str) -> str:
    """The document as it lies in docs/api/."""
    return json.dumps(document(service), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Writes all of them."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for service in SERVICES:
        (DIRECTORY / f"{service}.json").write_text(text(service))


if __name__ == "__main__":
    main()
