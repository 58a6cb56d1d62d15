"""The contract as the pages' scripts know it."""

import msgspec
from msgspec import UNSET, UnsetType
from msgspec import inspect as wire

from gateway.page_types import FILE, text
from gateway.typescript import interface, structs


class Whole(msgspec.Struct):
    """Two lines,

    of which the second."""

    held: int | None = None
    left_out: int | UnsetType = UNSET


class Brief(Whole, omit_defaults=True, tag_field="type", tag="brief"):
    names: dict[str, list[Whole | None]] = {}


def test_the_types_of_the_pages_are_those_of_the_contract() -> None:
    assert FILE.read_text() == text(), "run python -m gateway.page_types"


def test_a_field_with_a_default_is_there_in_what_we_write_and_may_be_left_out_of_what_we_read() -> None:
    struct = wire.type_info(Whole)
    assert isinstance(struct, wire.StructType)
    comment = "/**\n * Two lines,\n *\n * of which the second.\n */\n"
    ours, theirs = (interface(struct, {}, ours=ours) for ours in (True, False))
    assert ours == comment + "interface Whole {\n  held: number | null;\n  left_out?: number;\n}"
    assert theirs == comment + "interface Whole {\n  held?: number | null;\n  left_out?: number;\n}"


def test_a_struct_that_omits_defaults_keeps_only_its_tag() -> None:
    struct = structs([Brief])["Brief"]
    assert interface(struct, {}, ours=True) == (
        'interface Brief {\n  type: "brief";\n  held?: number | null;\n  left_out?: number;\n'
        "  names?: Record<string, Array<Whole | null>>;\n}"
    )


def test_what_a_struct_is_made_of_is_found_in_it() -> None:
    assert list(structs([list[Brief]])) == ["Brief", "Whole"]
