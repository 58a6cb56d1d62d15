"""Every call and frame of the served contract, filled with other people's names and ids."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

Document = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "patch")
_MOST_CHOICES = 24


@dataclass(frozen=True)
class Loot:
    """names: of the victims. ids: of their sessions and games. keys: client_ids of theirs. words: only they know."""

    names: list[str]
    ids: list[str]
    keys: list[str]
    words: list[str]

    @property
    def secrets(self) -> list[str]:
        """What no answer may hold unless it was in the question."""
        return [*self.ids, *self.words]


@dataclass(frozen=True)
class Call:
    """One request to try."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def text(self) -> str:
        return f"{self.method} {self.path} {self.query} {msgspec.json.encode(self.body).decode()}"


def calls(openapi: Document, loot: Loot) -> Iterator[Call]:
    """Each operation with the victims' names and ids in every place that takes one."""
    for path, item in openapi["paths"].items():
        for method in METHODS:
            if operation := item.get(method):
                yield from _calls(openapi, method.upper(), path, operation, loot)


def _calls(openapi: Document, method: str, path: str, operation: Document, loot: Loot) -> Iterator[Call]:
    parameters = operation.get("parameters", [])
    by_name = {"username": loot.names, "seq": ["1", "2"]}
    paths = [path]
    for parameter in parameters:
        if parameter["in"] == "path":
            values = by_name.get(parameter["name"], [*loot.ids, *loot.keys])
            paths = [each.replace(f"{{{parameter['name']}}}", value) for each in paths for value in values]
    queries = [{}, *_queries(parameters, loot)]
    bodies = _bodies(openapi, operation, loot)
    yield from (Call(method, *parts) for parts in itertools.product(paths, queries, bodies))


def _queries(parameters: list[Document], loot: Loot) -> Iterator[dict[str, str]]:
    """One with each parameter alone, and one with all of them."""
    asked = [p for p in parameters if p["in"] == "query"]
    texts = [*loot.names, *loot.words]
    for parameter in asked:
        numeric = parameter["schema"].get("type") == "integer"
        yield from ({parameter["name"]: value} for value in (["1", "200"] if numeric else texts))
    for text, name in itertools.product(texts, loot.names) if asked else ():
        yield {
            p["name"]: name if p["name"] == "with" else text
            for p in asked
            if p["schema"].get("type") == "string"
        }


def _bodies(openapi: Document, operation: Document, loot: Loot) -> list[Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return (
        list(itertools.islice(values(openapi, content["schema"], loot), _MOST_CHOICES)) if content else [None]
    )


def values(document: Document, schema: Document, loot: Loot, name: str = "") -> Iterator[Any]:
    """What fits the schema and belongs to the victims, for the field `name`."""
    if "$ref" in schema:
        yield from values(document, _resolved(document, schema["$ref"]), loot, name)
    elif options := schema.get("anyOf") or schema.get("oneOf"):
        for option in options:
            yield from values(document, option, loot, name)
    elif "const" in schema or "enum" in schema:
        yield from schema.get("enum", [schema.get("const")])
    elif schema.get("type") == "object" and name == "cursors":
        yield dict.fromkeys(loot.names, 0)
    elif schema.get("type") == "object":
        yield from _objects(document, schema, loot)
    else:
        yield from _plain(schema, loot, name)


def _objects(document: Document, schema: Document, loot: Loot) -> Iterator[Any]:
    """The first value of each field, and then each other value of one field at a time."""
    fields = {
        key: list(values(document, each, loot, key)) for key, each in schema.get("properties", {}).items()
    }
    required = set(schema.get("required", ()))
    first = {key: found[0] for key, found in fields.items() if found and key in required}
    yield first
    for key, found in fields.items():
        yield from ({**first, key: value} for value in found)


def _plain(schema: Document, loot: Loot, name: str) -> Iterator[Any]:
    kind = schema.get("type")
    if kind == "integer":
        yield from (1, 0)
    elif kind == "boolean":
        yield from (True, False)
    elif kind == "string" and (schema.get("format") == "uuid" or name in ("id", "client_id")):
        yield from loot.keys
    elif kind == "string":
        yield from loot.names


def _resolved(document: Document, ref: str) -> Document:
    found: Any = document
    for part in ref.removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def frames(asyncapi: Document, loot: Loot) -> Iterator[Document]:
    """Each frame that a browser may send, filled likewise."""
    for sent in asyncapi["operations"]["send"]["messages"]:
        payload = _resolved(asyncapi, sent["$ref"])
        message = _resolved(asyncapi, payload["$ref"]) if "$ref" in payload else payload
        yield from values(asyncapi, message["payload"], loot)
