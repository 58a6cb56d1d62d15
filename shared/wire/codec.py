"""JSON to typed values and back, with errors that name the field."""

import json
import re
from collections.abc import Hashable
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec

from shared.wire.problems import FieldError, Invalid, Malformed
from shared.wire.text import HALF_A_PAIR

T = TypeVar("T")
_Place = tuple[int, str, Any]
"""A value in a body: the number of the place that it is in, its name there, and itself."""

encode = msgspec.json.Encoder().encode
"""Any wire value to compact UTF-8 JSON."""

_AT = re.compile(r" - at `(?:key in )?\$(?P<path>[^`]*)`\Z")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`")
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")
_IN_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Expected `str` of length >= (\d+)"), r"must have at least \1 characters"),
    (re.compile(r"Expected `str` of length <= (\d+)"), r"must have at most \1 characters"),
    (re.compile(r"Expected `(?:array|object)` of length <= (\d+)"), r"must have at most \1 entries"),
    (re.compile(r"Expected `(?:int|float)` >= (-?\d+)"), r"must be at least \1"),
    (re.compile(r"Expected `(?:int|float)` <= (-?\d+)"), r"must be at most \1"),
    (re.compile(r"Expected `str` matching regex .*"), "holds characters that are not allowed here"),
    (re.compile(r"Expected `(\w+)(?: \| null)?`, got `(\w+)`"), r"must be of type \1, not \2"),
    (re.compile(r"Invalid enum value (.*)"), r"cannot be \1"),
    (re.compile(r"Invalid UUID"), "is not a UUID"),
)


@lru_cache(maxsize=256)
def _decoder(of: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(of)


def decode(body: bytes | str, of: type[T]) -> T:
    """`body` as a value of type `of`. Raises Malformed (not JSON) or Invalid (names the field)."""
    try:
        return cast("T", _decoder(cast("Hashable", of)).decode(body))
    except msgspec.ValidationError as error:
        raise Invalid([field_error(error)]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _lone_surrogate(body) or Malformed(f"This is not JSON: {error}") from None


def convert(value: Any, of: type[T]) -> T:
    """A query or a mapping of strings as `of`; numbers may be strings. Raises Invalid, pointers `?name`.

    `null` is a word there, which msgspec would take for a field that is left out.
    """
    try:
        converted = msgspec.convert(value, of, strict=False)
    except msgspec.ValidationError as error:
        found = field_error(error)
        raise Invalid([FieldError("?" + found.pointer.lstrip("/"), found.detail)]) from None
    told = msgspec.to_builtins(converted)
    if nulls := [name for name in value or () if told[name] is None]:
        raise Invalid([FieldError(f"?{name}", "cannot be null") for name in nulls])
    return converted


def field_error(error: msgspec.ValidationError) -> FieldError:
    """Which field msgspec complains about, as a JSON pointer, and why."""
    text = str(error)
    at = _AT.search(text)
    path = at["path"] if at else ""
    detail = text[: at.start()] if at else text
    pointer = re.sub(r"\[(\d+|\.\.\.)\]", r"/\1", path.replace(".", "/").replace("[///]", "/*"))
    for pattern, words in ((_UNKNOWN, "is not a field"), (_MISSING, "is missing")):
        if named := pattern.search(detail):
            return FieldError(f"{pointer}/{named['name']}", words)
    for pattern, words in _IN_WORDS:
        if match := pattern.fullmatch(detail):
            return FieldError(pointer, match.expand(words))
    return FieldError(pointer, detail[:1].lower() + detail[1:])


def _lone_surrogate(body: bytes | str) -> Invalid | None:
    """The error that names the field, if a lone surrogate is all that is wrong."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return None
    pointer = _first_half_in(fields)
    return None if pointer is None else Invalid([FieldError(pointer, "holds half of a surrogate pair")])


def _first_half_in(fields: Any) -> str | None:
    """Pointer to the first string with half of a surrogate pair; to what it is a part of, if it is a name."""
    places: list[_Place] = [(0, "", fields)]
    for place, (_, _, value) in enumerate(places):  # grows meanwhile
        if isinstance(value, dict):
            places += [(place, name, inner) for name, inner in value.items() if not HALF_A_PAIR.search(name)]
            value = "".join(value)
        elif isinstance(value, list):
            places += [(place, str(number), inner) for number, inner in enumerate(value)]
        if isinstance(value, str) and HALF_A_PAIR.search(value):
            return _pointer(places, place)
    return None


def _pointer(places: list[_Place], place: int) -> str:
    """Made only where it is needed: in a hostile body each may be as long as the body."""
    pointer = ""
    while place:
        place, name, _ = places[place]
        pointer = f"/{name}{pointer}"
    return pointer
