"""A table of operations as OpenAPI 3.1, made from the wire types."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar, get_args

import msgspec

from shared.contract.operation import File, Operation
from shared.contract.schemas import Schemas, schemas
from shared.wire.problems import Kind, ProblemDocument, RateLimited, Unavailable

Op = TypeVar("Op", bound=Operation)
_FILE = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_WITH_RETRY_AFTER = (RateLimited.kind, Unavailable.kind)


def openapi(
    title: str,
    routes: Sequence[Op],
    security: Mapping[str, Any],
    description: str,
    *,
    problems_of: Callable[[Op], Sequence[Kind]],
) -> dict[str, Any]:
    """An OpenAPI document. security: the scheme that shows who calls, on the routes that need it."""
    types = list(dict.fromkeys(kind for route in routes for kind in _types(route)))
    by_type, components = schemas([*types, ProblemDocument])
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(
            route, by_type, problems_of(route)
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1.0.0", "description": description},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"caller": dict(security)}},
    }


def _types(route: Operation) -> list[Any]:
    query = (
        [] if route.query is None else [_without_none(f.type) for f in msgspec.structs.fields(route.query)]
    )
    bodies = [route.body, *route.answers.values()]
    return [kind for kind in (*bodies, *query) if kind not in (None, File)]


def _without_none(kind: Any) -> Any:
    """A query cannot say null: an absent parameter is None."""
    given = [arg for arg in get_args(kind) if arg is not type(None)]
    return given[0] if type(None) in get_args(kind) and len(given) == 1 else kind


def _operation(route: Operation, known: Schemas, problems: Sequence[Kind]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "responses": _responses(route, known, problems),
    }
    if parameters := [*_path_parameters(route), *_query_parameters(route, known)]:
        operation["parameters"] = parameters
    if route.body is not None:
        content = _FILE if route.body is File else {"application/json": {"schema": known[route.body]}}
        operation["requestBody"] = {"required": True, "content": content}
    if route.session:
        operation["security"] = [{"caller": []}]
    return operation


def _path_parameters(route: Operation) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(route: Operation, known: Schemas) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    return [
        {
            "name": field.encode_name,
            "in": "query",
            "required": field.required,
            "schema": known[_without_none(field.type)],
        }
        for field in msgspec.structs.fields(route.query)
    ]


def _responses(route: Operation, known: Schemas, problems: Sequence[Kind]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, kind in route.answers.items():
        responses[str(status)] = {"description": HTTPStatus(status).phrase}
        if kind is File:
            responses[str(status)]["content"] = _FILE
        elif kind is not None:
            media = "text/html" if route.page else "application/json"
            responses[str(status)]["content"] = {media: {"schema": known[kind]}}
    problem = {"application/problem+json": {"schema": known[ProblemDocument]}}
    for kind in problems:
        answer = responses.setdefault(str(kind.status), {"description": kind.title, "content": problem})
        if answer["content"] is problem and kind.title not in answer["description"]:
            answer["description"] += f"; or {kind.title[0].lower()}{kind.title[1:]}"
        if kind in _WITH_RETRY_AFTER:
            answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}
    return responses
