"""What programs say to one another, a sample of each: for the records of released versions beside this.

`python -m tests.wire.samples` records today's, once for each release.
"""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import msgspec
from msgspec import inspect

from shared.contract.internal import InternalRoute
from shared.plumbing.identity import User
from shared.version import VERSION
from shared.wire import link, log

RECORDS = Path(__file__).parent
SERVICES = ("auth", "threads", "relay", "game", "media", "notify")
LATER = "added later"
_AT = "2027-01-01T00:00:00Z"


def said() -> dict[str, Any]:
    """What is said -> its type: every internal call and answer, the packets of the link, the entries of streams."""
    types: dict[str, Any] = {
        **{f"link: {one.__struct_config__.tag}": one for one in get_args(link.LinkRequest)},
        **{f"link: {one.__struct_config__.tag}": one for one in get_args(link.LinkReply)},
        "stream entry": log.StreamEntry,
        "X-Internal-User": User,
    }
    for service in SERVICES:
        for route in import_module(f"services.{service}.routes").ROUTES:
            if isinstance(route, InternalRoute):
                call = f"{service}: {route.method} {route.path}"
                types |= {f"{call} asks": route.operation.body} if route.operation.body else {}
                types |= {
                    f"{call} answers {status}": of for status, of in route.operation.answers.items() if of
                }
    return types


def structs(of: Any) -> set[type[msgspec.Struct]]:
    """Those in it, itself included."""
    found: set[type[msgspec.Struct]] = set()

    def walk(info: Any) -> None:
        if isinstance(info, inspect.StructType):
            if info.cls in found:
                return
            found.add(info.cls)
        for inner in _inside(info):
            walk(inner)

    walk(inspect.type_info(of))
    return found


def _inside(info: Any) -> Iterator[Any]:
    if isinstance(info, inspect.StructType):
        yield from (field.type for field in info.fields)
    for name in ("item_type", "key_type", "value_type"):
        if (inner := getattr(info, name, None)) is not None:
            yield inner
    yield from getattr(info, "types", ())
    yield from getattr(info, "item_types", ())


def sample(of: Any, *, later: bool = False) -> Any:
    """As JSON has it, every field given. later: with one more in each struct, as a later version may write it."""
    return _sample(inspect.type_info(of), later)


def _sample(info: Any, later: bool) -> Any:
    match info:
        case inspect.StructType():
            return _struct(info, later)
        case inspect.UnionType():
            kinds = (each for each in info.types if not isinstance(each, inspect.NoneType))
            return _sample(next(kinds), later)
        case inspect.ListType() | inspect.VarTupleType() | inspect.CollectionType() | inspect.SetType():
            return [_sample(info.item_type, later)]
        case inspect.FrozenSetType():
            return [_sample(info.item_type, later)]
        case inspect.TupleType():
            return [_sample(each, later) for each in info.item_types]
        case inspect.DictType():
            return {str(_sample(info.key_type, later)): _sample(info.value_type, later)}
        case inspect.LiteralType():
            return info.values[0]
        case inspect.EnumType():
            return next(iter(info.cls)).value
        case inspect.BoolType():
            return True
        case inspect.IntType():
            return max(7, info.ge or 0)
        case inspect.FloatType():
            return 7.5
        case inspect.DateTimeType():
            return _AT
        case inspect.UUIDType():
            return str(UUID(int=7))
        case inspect.StrType() if info.pattern is None:
            return "x" * max(1, info.min_length or 0)
        case inspect.RawType() | inspect.AnyType():
            return {"type": "message"}
    raise TypeError(f"no sample of {info}")


def _struct(info: inspect.StructType, later: bool) -> Any:
    config = info.cls.__struct_config__
    values = {field.encode_name: _sample(field.type, later) for field in info.fields}
    tag = {} if info.tag_field is None else {info.tag_field: info.tag}
    more = later and not config.forbid_unknown_fields
    if info.array_like:
        return [*tag.values(), *values.values(), *([LATER] if more else [])]
    return {**tag, **values, **({LATER: LATER} if more else {})}


def main() -> None:
    record = {name: sample(of) for name, of in sorted(said().items())}
    (RECORDS / f"{VERSION}.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
