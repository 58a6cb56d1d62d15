"""What somebody lets others see: kept by auth, changed by its owner alone."""

import pytest

from services.auth.tests.driver import Driver, Person
from shared.wire.http import Settings


async def _settings(person: Person) -> Settings:
    found: Settings = (await person.ask("GET", "/api/settings")).of(Settings)
    return found


async def test_at_first_everything_is_shown(auth: Driver) -> None:
    assert await _settings(await auth.sign_up("ann")) == Settings(True, True, True)


async def test_what_is_left_out_of_a_change_stays(auth: Driver) -> None:
    ann, bob = await auth.sign_up("ann"), await auth.sign_up("bob")
    for change, then in (
        ({"typing": False}, Settings(True, False, True)),
        ({"read_receipts": False, "last_seen": False}, Settings(False, False, False)),
        ({}, Settings(False, False, False)),
        ({"last_seen": True, "typing": False}, Settings(False, False, True)),
    ):
        assert (await ann.ask("PATCH", "/api/settings", change)).of(Settings) == then
        assert await _settings(ann) == then
    assert await _settings(bob) == Settings(True, True, True)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"typing": None}, "/typing"),
        ({"typing": "off"}, "/typing"),
        ({"last_seen": 0}, "/last_seen"),
        ({"username": "bob"}, "/username"),
    ],
)
async def test_anything_else_than_on_and_off_is_a_422(auth: Driver, body: object, pointer: str) -> None:
    ann = await auth.sign_up("ann")
    assert (await ann.ask("PATCH", "/api/settings", body)).pointers == [pointer]
    assert await _settings(ann) == Settings(True, True, True)
