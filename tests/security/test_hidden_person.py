"""Somebody who shows nothing of themself: a person they talk to tries every call and every frame to learn it."""

import json
from collections.abc import Iterator
from typing import Any

from shared.testing.people import Person
from shared.testing.product import Product
from shared.testing.rawsocket import TEXT, RawSocket, frame
from tests.conftest import MakePerson
from tests.security.conftest import OpenSocket
from tests.security.intrusion import Document, Loot, calls, frames

_HIDDEN: tuple[tuple[str, object], ...] = (("online", False), ("last_seen", None), ("peer_read", 0))
_ENDS_THE_SESSION = ("/api/session", "/api/sessions", "/api/accounts", "/api/password")


async def test_no_call_and_no_frame_tells_what_a_person_does_not_show(
    product: Product, person: MakePerson, open_socket: OpenSocket
) -> None:
    bob, eve = await person("bob"), await person("eve")
    nothing = {"read_receipts": False, "typing": False, "last_seen": False}
    assert (await bob.call("PATCH", "/api/settings", nothing))[0] == 200
    await eve.send(bob.username, "are you there?")
    loot = Loot([bob.username], [], [], ["there"])
    async with open_socket(eve) as watching:
        async with open_socket(bob) as hidden:
            for said in ({"type": "read", "seq": 1}, {"type": "typing"}):
                await _say(hidden, {**said, "thread": eve.username})
            assert (await bob.call("PUT", f"/api/threads/{eve.username}/read", {"seq": 1}))[0] == 204
            learned = [each async for each in _answers(eve, loot)]
            _, document = await eve.call("GET", "/api/asyncapi.json")
            await _say(watching, *[each for each in frames(document, loot) if each["type"] != "hello"])
            async with open_socket(eve, hello=False) as again:
                await _say(again, {"type": "hello", "cursors": {bob.username: 0}})
                learned += await _heard(again)
        learned += await _heard(watching)
    about = [each for answer in learned for each in _about(answer, bob.username)]
    assert {key for each in about for key in each} >= {key for key, _ in _HIDDEN}
    for each in about:
        assert not [key for key, hidden_as in _HIDDEN if each.get(key, hidden_as) != hidden_as], each
        assert each.get("type") != "typing", each
        assert (each.get("type"), each.get("by")) != ("read", bob.username), each


async def test_nobody_sees_or_changes_the_settings_of_others(person: MakePerson) -> None:
    bob, eve = await person("bob"), await person("eve")
    for path in (f"/api/settings/{bob.username}", f"/api/users/{bob.username}/settings"):
        assert (await eve.call("GET", path))[0] == 404
    for body in ({"username": bob.username, "typing": False}, {"user": 1, "typing": False}):
        assert (await eve.call("PATCH", "/api/settings", body))[0] == 422
    assert (await eve.call("PATCH", f"/api/settings?username={bob.username}", {"typing": False}))[0] == 200
    _, settings = await bob.call("GET", "/api/settings")
    assert settings == {
        "read_receipts": True,
        "typing": True,
        "last_seen": True,
        "findable": True,
        "link_previews": True,
    }


async def _answers(eve: Person, loot: Loot) -> Any:
    """Everything that is served to eve; she keeps her session, and shows all there is to show."""
    _, document = await eve.call("GET", "/api/openapi.json")
    for call in calls(document, loot):
        if call.path.startswith(_ENDS_THE_SESSION) or call.path == "/api/settings":
            continue
        async with eve.http.request(call.method, call.path, params=call.query, json=call.body) as answer:
            if answer.content_type == "application/json":
                yield await answer.json()


def _about(answer: Any, name: str) -> Iterator[Document]:
    """Every object in it that is about that person or the thread with them."""
    if isinstance(answer, list):
        for item in answer:
            yield from _about(item, name)
    elif isinstance(answer, dict):
        if name in (answer.get("username"), answer.get("thread")):
            yield answer
        for key, value in answer.items():
            if key == name and isinstance(value, dict):
                yield value
            yield from _about(value, name)


async def _say(raw: RawSocket, *said: Document) -> None:
    for each in said:
        await raw.send(frame(json.dumps(each).encode()))


async def _heard(raw: RawSocket) -> list[Document]:
    """Every frame up to the answer to a ping."""
    found: list[Document] = []
    await _say(raw, {"type": "ping"})
    while (came := await raw.frame()) is not None:
        if came.opcode == TEXT:
            found.append(json.loads(came.payload))
            if found[-1]["type"] == "pong":
                break
    return found
