"""JSON Schemas of the wire types, for both kinds of documents."""

from collections.abc import Mapping, Sequence
from inspect import cleandoc
from typing import Any

import msgspec

from shared.wire.changes import BODIES
from shared.wire.games import GAME, Game
from shared.wire.previews import Preview

_REF = "#/components/schemas/{name}"
_CHANGES = tuple(BODIES.values())
_BODIES: Mapping[str, tuple[type, ...]] = {
    "Do": _CHANGES,
    "DoToThread": _CHANGES,
    "EventFrame": (*_CHANGES, Preview, Game),
}
"""What the `body` of each may be; msgspec sees raw JSON there."""

Schemas = Mapping[Any, dict[str, Any]]


def schemas(types: Sequence[Any]) -> tuple[Schemas, dict[str, dict[str, Any]]]:
    """The schema of each type, and the components that these refer to, by name."""
    found, components = msgspec.json.schema_components(types, ref_template=_REF)
    for name in [name for name in _BODIES if name in components]:
        bodies, more = msgspec.json.schema_components(_BODIES[name], ref_template=_REF)
        components |= more
        _describe_body(components[name]["properties"], list(bodies), any_kind=name == "EventFrame")
    for schema in components.values():
        if "description" in schema:  # the docstring, which Python < 3.13 keeps with its indentation
            schema["description"] = cleandoc(schema["description"])
    return dict(zip(types, found, strict=True)), components


def _describe_body(fields: dict[str, Any], bodies: list[dict[str, Any]], *, any_kind: bool) -> None:
    """any_kind: other kinds may come than those of today."""
    if any_kind:
        fields["body"] = {
            "description": f"By kind. `{GAME}`: a whole game after a change. Unknown kinds only move the cursor.",
            "anyOf": [*bodies, {}],
        }
    else:
        fields["body"] = {"description": "By kind.", "anyOf": bodies}
        fields["kind"] = {"enum": list(BODIES)}
