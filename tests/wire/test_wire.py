"""Old and new programs side by side, as in the middle of a roll-out: what they say to one another (tests/wire)."""

import json
from typing import Any

import msgspec
import pytest

from shared.wire import attachments, games, tictactoe
from tests.wire.samples import RECORDS, SERVICES, said, sample, structs

SAID = said()
RELEASED = [
    (path.stem, name) for path in sorted(RECORDS.glob("*.json")) for name in json.loads(path.read_text())
]
PASSED_ON = {attachments.NamedAttachment, games.InvitedGame, games.ClockSetting, tictactoe.VariantSpec}
"""What people's browsers say, and programs pass on: there an unknown field is their mistake."""


def extends(old: Any, new: Any) -> bool:
    """Whether who reads the old finds all of it in the new: more may only come at the end, or by another name."""
    if isinstance(old, dict):
        return isinstance(new, dict) and all(name in new and extends(old[name], new[name]) for name in old)
    if isinstance(old, list):
        return isinstance(new, list) and len(old) <= len(new) and all(map(extends, old, new))
    return bool(old == new)


@pytest.mark.parametrize("version", sorted({version for version, _ in RELEASED}))
def test_what_an_earlier_version_says_is_understood_and_answered_in_its_words(version: str) -> None:
    recorded = json.loads((RECORDS / f"{version}.json").read_text())
    for name, old in recorded.items():
        assert name in SAID, f"{version} still says this: {name}"
        now = json.loads(msgspec.json.encode(msgspec.json.decode(json.dumps(old), type=SAID[name])))
        assert extends(old, now), name


def test_what_a_later_version_adds_is_passed_over() -> None:
    for name, of in SAID.items():
        known = msgspec.json.decode(json.dumps(sample(of)), type=of)
        assert msgspec.json.decode(json.dumps(sample(of, later=True)), type=of) == known, name


def test_only_what_people_say_is_held_to_its_fields() -> None:
    """Programs tolerate more; else each new field would need two releases."""
    strict = {
        one for of in SAID.values() for one in structs(of) if one.__struct_config__.forbid_unknown_fields
    }
    assert strict == PASSED_ON


def test_every_service_is_in_the_record() -> None:
    assert {name.partition(":")[0] for _, name in RELEASED} >= {*SERVICES, "link"} - {"notify"}
