"""What the services serve to other programs, as a table, and its OpenAPI under docs/api/.

`python -m gateway.internal_contract` writes the documents.
"""

import json
from pathlib import Path
from typing import Any

from gateway.contract import ROUTES, Route
from gateway.openapi import openapi
from shared.wire import accounts, log
from shared.wire.problems import KINDS

DIRECTORY = Path(__file__).parents[1] / "docs" / "api"
_SECURITY = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "EdDSA, aud = this service, at most 60 s: by the gateway for a user, or by the caller itself",
}
_PEOPLE = ("gateway", "relay", "threads", "game")


class Internal(Route, frozen=True, kw_only=True):
    """A call that only `callers` may make, each for itself."""

    callers: tuple[str, ...]


INTERNAL: dict[str, tuple[Internal, ...]] = {
    "auth": (
        Internal(
            method="POST",
            path="/internal/accounts",
            name="createAccount",
            summary="Sign up and log in",
            callers=("gateway",),
            body=accounts.NewAccount,
            answers={201: accounts.LoggedIn},
            problems=("taken", "rate-limited"),
        ),
        Internal(
            method="POST",
            path="/internal/login",
            name="logIn",
            summary="Log in; ends the session presented",
            callers=("gateway",),
            body=accounts.Credentials,
            answers={200: accounts.LoggedIn},
            problems=("wrong-credentials", "rate-limited"),
        ),
        Internal(
            method="POST",
            path="/internal/sessions/check",
            name="checkSessions",
            summary="Whose sessions these are, at most 256",
            callers=("gateway",),
            body=accounts.CheckSessions,
            answers={200: accounts.CheckedSessions},
        ),
        Internal(
            method="GET",
            path="/internal/sessions/ended",
            name="endedSessions",
            summary="The sessions that ended in the last 90 s",
            callers=("gateway", "relay"),
            answers={200: accounts.EndedSessions},
        ),
        Internal(
            method="POST",
            path="/internal/users/by-name",
            name="profilesByName",
            summary="People by username, at most 256",
            callers=_PEOPLE,
            body=accounts.ProfilesByName,
            answers={200: accounts.Profiles},
        ),
        Internal(
            method="POST",
            path="/internal/users/by-id",
            name="profilesById",
            summary="People by id, at most 1000",
            callers=_PEOPLE,
            body=accounts.ProfilesById,
            answers={200: accounts.Profiles},
        ),
        Internal(
            method="POST",
            path="/internal/users/seen",
            name="seen",
            summary="These users were connected just now",
            callers=("relay",),
            body=accounts.Seen,
            answers={204: None},
        ),
    ),
    "threads": (
        Internal(
            method="GET",
            path="/internal/link",
            name="link",
            summary="The kept-open websocket of batches, their answers and the heads feed (shared/wire/log.py)",
            callers=("relay",),
            answers={101: None},
        ),
        Internal(
            method="POST",
            path="/internal/append",
            name="append",
            summary="Append a batch; after a 503 nothing is known of it: repeat it unchanged",
            callers=("relay", "game"),
            body=log.AppendBatch,
            answers={200: log.AppendedItems},
        ),
        Internal(
            method="POST",
            path="/internal/reads",
            name="markRead",
            summary="Set read positions",
            callers=("relay",),
            body=log.ReadBatch,
            answers={200: log.ReadDone},
        ),
        Internal(
            method="POST",
            path="/internal/heads",
            name="heads",
            summary="All threads of some users, for hello and after a broken link",
            callers=("relay",),
            body=log.HeadsOf,
            answers={200: log.HeadsAnswer},
        ),
        Internal(
            method="POST",
            path="/internal/resolve",
            name="resolve",
            summary="The threads of a user with some peers",
            callers=("relay", "game"),
            body=log.Resolve,
            answers={200: log.ResolvedThreads},
        ),
        Internal(
            method="POST",
            path="/internal/deliveries",
            name="deliveries",
            summary="What comes after a seq in a thread",
            callers=("relay",),
            body=log.DeliveriesAfter,
            answers={200: log.Deliveries},
            problems=("not-found",),
        ),
    ),
    "relay": (
        Internal(
            method="GET",
            path="/messages",
            name="inboxSocket",
            summary="The public socket, for whom the gateway names (AsyncAPI: /api/asyncapi.json)",
            callers=("gateway",),
            answers={101: None},
        ),
        Internal(
            method="GET",
            path="/messages/{username}",
            name="threadSocket",
            summary="The same; 404 if there is no such peer",
            callers=("gateway",),
            answers={101: None},
        ),
    ),
    "game": (),
}
HEALTH = tuple(route for route in ROUTES if route.path.startswith("/health/"))


def document(service: str) -> dict[str, Any]:
    """The OpenAPI of one service: what the gateway forwards to it, and what other programs ask of it."""
    public = [route for route in ROUTES if route.service == service]
    described = openapi(
        f"Duet: the {service} service",
        [*public, *INTERNAL[service], *HEALTH],
        _SECURITY,
        "Reached by the other programs only. Forwarded calls carry the user in the gateway's token.",
        problems_of=_problems_of,
    )
    for route in INTERNAL[service]:
        operation = described["paths"][route.path][route.method.lower()]
        operation["x-callers"] = list(route.callers)
    return described


def _problems_of(route: Route) -> list[str]:
    """Without what the gateway alone refuses."""
    if route in HEALTH:
        return []
    codes = {"unauthenticated", "forbidden", "unavailable", *route.problems}
    if route.body is not None:
        codes |= {"malformed", "too-large", "unsupported-media-type", "invalid"}
    if route.query is not None:
        codes |= {"malformed", "invalid"}
    if "{" in route.path:
        codes.add("not-found")
    return sorted(codes, key=lambda code: (KINDS[code].status, code))


def text(service: str) -> str:
    """The document as it lies in docs/api/."""
    return json.dumps(document(service), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Writes all of them."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for service in INTERNAL:
        (DIRECTORY / f"{service}.json").write_text(text(service))


if __name__ == "__main__":
    main()
