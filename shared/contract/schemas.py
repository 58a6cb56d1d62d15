"""JSON Schemas of the wire types, for both kinds of documents."""

from collections.abc import Mapping, Sequence
from inspect import cleandoc
from typing import Any

import msgspec

Schemas = Mapping[Any, dict[str, Any]]


def schemas(types: Sequence[Any]) -> tuple[Schemas, dict[str, dict[str, Any]]]:
    """The schema of each type, and the components that these refer to, by name."""
    found, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    for schema in components.values():
        if "description" in schema:  # the docstring, which Python < 3.13 keeps with its indentation
            schema["description"] = cleandoc(schema["description"])
    return dict(zip(types, found, strict=True)), components
