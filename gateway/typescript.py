"""msgspec types as TypeScript."""

from collections.abc import Iterable, Mapping
from inspect import cleandoc
from typing import Any

import msgspec
from msgspec import inspect as wire

Names = Mapping[frozenset[Any], str]
"""What a choice of words is called, by its words."""

_PLAIN: dict[type[wire.Type], str] = {
    wire.AnyType: "unknown",
    wire.NoneType: "null",
    wire.BoolType: "boolean",
    wire.IntType: "number",
    wire.FloatType: "number",
    wire.StrType: "string",
    wire.DateTimeType: "string",
    wire.UUIDType: "string",
    wire.RawType: "unknown",
}


def structs(kinds: Iterable[Any]) -> dict[str, wire.StructType]:
    """Every struct that `kinds` are made of, by name."""
    found: dict[str, wire.StructType] = {}

    def visit(kind: wire.Type) -> None:
        if isinstance(kind, wire.StructType):
            if kind.cls.__name__ in found:
                return
            found[kind.cls.__name__] = kind
        for part in _parts(kind):
            visit(part)

    for kind in kinds:
        visit(wire.type_info(kind))
    return found


def _parts(kind: wire.Type) -> Iterable[wire.Type]:
    match kind:
        case wire.StructType(fields=fields):
            return [field.type for field in fields]
        case wire.UnionType(types=types):
            return types
        case wire.ListType(item_type=part) | wire.VarTupleType(item_type=part):
            return [part]
        case wire.DictType(value_type=part) | wire.Metadata(type=part):
            return [part]
    return []


def interface(struct: wire.StructType, names: Names, *, ours: bool) -> str:
    """ours: we write it, so what has a default is there too (unless defaults are left out)."""
    written = ours and not struct.cls.__struct_config__.omit_defaults
    body = "".join(f"  {line};\n" for line in [*_tag(struct), *fields(struct, names, written=written)])
    return f"{_comment(struct)}interface {struct.cls.__name__} {{\n{body}}}"


def fields(struct: wire.StructType, names: Names, *, written: bool = False) -> list[str]:
    """`name: type` of each field, with `?` where it may be left out. written: fields with a default are there."""
    return [
        f"{field.encode_name}{'' if field.required or (written and _has_default(field)) else '?'}: "
        + typescript(field.type, names)
        for field in struct.fields
    ]


def _has_default(field: wire.Field) -> bool:
    """A field that is UNSET unless it is given has none."""
    return field.default is not msgspec.NODEFAULT or field.default_factory is not msgspec.NODEFAULT


def _tag(struct: wire.StructType) -> list[str]:
    return [] if struct.tag_field is None else [f'{struct.tag_field}: "{struct.tag}"']


def _comment(struct: wire.StructType) -> str:
    doc = vars(struct.cls).get("__doc__")
    if not doc:
        return ""
    lines = cleandoc(doc).splitlines()
    if len(lines) == 1:
        return f"/** {lines[0]} */\n"
    return "/**\n" + "".join(f" * {line}".rstrip() + "\n" for line in lines) + " */\n"


def typescript(kind: wire.Type, names: Names) -> str:
    """A type in a word. Raises KeyError for one that is not known here."""
    match kind:
        case wire.StructType(cls=cls):
            return cls.__name__
        case wire.LiteralType(values=values):
            return names.get(frozenset(values)) or choice(values)
        case wire.UnionType(types=types):
            return " | ".join(typescript(one, names) for one in types)
        case wire.ListType(item_type=part) | wire.VarTupleType(item_type=part):
            return f"Array<{typescript(part, names)}>"
        case wire.DictType(value_type=part):
            return f"Record<string, {typescript(part, names)}>"
        case wire.Metadata(type=part):
            return typescript(part, names)
    return _PLAIN[type(kind)]


def choice(words: Iterable[object]) -> str:
    return " | ".join(f'"{word}"' for word in words)
