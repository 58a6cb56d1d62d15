"""Eve tries every call and every frame of the contract with alice's and bob's names, sessions, games and keys."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, get_args
from uuid import uuid4

import aiohttp
import pytest_asyncio

from shared.testing.people import Person
from shared.testing.product import Product
from shared.testing.rawsocket import CLOSE, TEXT, RawSocket, frame
from shared.wire.frames import ClientFrame
from tests.conftest import MakePerson
from tests.security.conftest import OpenSocket
from tests.security.intrusion import Call, Document, Loot, calls, frames

_ENDS_THE_SESSION = {("DELETE", "/api/session"), ("POST", "/api/session"), ("POST", "/api/accounts")}
_OPEN = ("/api/tictactoe/", "/api/openapi", "/api/asyncapi", "/api/docs", "/health/")
_FEWEST_CALLS = 150


@dataclass(frozen=True)
class Scene:
    """alice and bob, who have talked and begun a game, keep drafts and invite; loot: what of it eve has got hold of."""

    alice: Person
    bob: Person
    eve: Person
    loot: Loot

    async def seen(self) -> dict[str, Any]:
        """All that alice and bob can see of their own, except what eve may add: threads of hers."""
        found: dict[str, Any] = {}
        for me, peer in ((self.alice, self.bob), (self.bob, self.alice)):
            for path in (
                f"/api/threads/{peer.username}/events?after=0&limit=200",
                f"/api/threads/{peer.username}/state",
                "/api/threads",
                "/api/games",
            ):
                _, answer = await me.call("GET", path)
                found[f"{me.username} {path}"] = _without(answer, self.eve.username)
            _, found[f"{me.username} invitations"] = await me.call("GET", "/api/invites")
            _, answer = await me.call("GET", "/api/sessions")
            found[f"{me.username} sessions"] = sorted(each["id"] for each in answer["sessions"])
        return found


def _without(answer: Any, name: str) -> Any:
    """Lists without the items that name somebody."""
    if isinstance(answer, dict):
        return {
            key: _without(value, name) for key, value in answer.items() if key not in ("online", "last_seen")
        }
    if isinstance(answer, list):
        return [item for item in answer if name not in json.dumps(item)]
    return answer


@pytest_asyncio.fixture(loop_scope="session")
async def scene(person: MakePerson) -> Scene:
    alice, bob, eve = await person("alice"), await person("bob"), await person("eve")
    word, key = f"moonstone{uuid4().hex[:8]}", uuid4()
    await alice.send(bob.username, f"the {word} is under the bridge", key)
    offer = {"client_id": str(uuid4()), "x": "me", "o": "peer"}
    status, game = await bob.call("POST", f"/api/threads/{alice.username}/games", offer)
    assert status == 201, game
    draft = f"sunstone{uuid4().hex[:8]}"
    await keep_draft(alice, bob, draft)
    await keep_draft(bob, alice, draft)
    _, answer = await alice.call("GET", "/api/sessions")
    status, invite = await alice.call("POST", "/api/invites", {})
    assert status == 201, invite
    ids = [answer["sessions"][0]["id"], game["game"]["id"], invite["id"]]
    await eve.send(alice.username, "hello, alice")  # so that eve has a thread with one of them
    return Scene(alice, bob, eve, Loot([alice.username, bob.username], ids, [str(key)], [word, draft]))


async def keep_draft(owner: Person, peer: Person, text: str) -> None:
    """Which nobody else must see, the peer neither."""
    kept = {"draft": {"text": text}, "muted_until": "forever", "archived": "always", "marked_unread": True}
    status, answer = await owner.call("PATCH", f"/api/threads/{peer.username}/state", kept)
    assert status == 200, answer


async def test_no_call_shows_or_changes_what_is_of_others(product: Product, scene: Scene) -> None:
    before, tried = await scene.seen(), Counter[int]()
    _, document = await scene.eve.call("GET", "/api/openapi.json")
    for call in calls(document, scene.loot):
        status, text = await _try(scene.eve, call)
        tried[status] += 1
        assert status < 500, (call, text)
        leaked = [secret for secret in scene.loot.secrets if secret in text and secret not in call.text]
        assert not leaked, (call, status, text)
        if status == 401 or (call.method, call.path) in _ENDS_THE_SESSION:
            await scene.eve.log_in()
    assert tried.total() > _FEWEST_CALLS, tried
    assert {200, 404, 422} <= set(tried), tried
    assert await scene.seen() == before


async def _try(eve: Person, call: Call) -> tuple[int, str]:
    async with eve.http.request(call.method, call.path, params=call.query, json=call.body) as answer:
        return answer.status, await answer.text()


async def test_no_frame_shows_or_changes_what_is_of_others(scene: Scene, open_socket: OpenSocket) -> None:
    before = await scene.seen()
    _, document = await scene.eve.call("GET", "/api/asyncapi.json")
    tried = list(frames(document, scene.loot))
    assert {each["type"] for each in tried} == {kind.__struct_config__.tag for kind in get_args(ClientFrame)}
    async with open_socket(scene.alice) as alice, open_socket(scene.bob) as bob:
        for first in [each for each in tried if each["type"] == "hello"]:
            async with open_socket(scene.eve, hello=False) as eve:
                await _say(eve, first, *tried)
                for seen in await _heard(eve):
                    _assert_only_of(seen, scene.eve.username, scene.loot.names)
                    assert not [word for word in scene.loot.words if word in json.dumps(seen)], seen
        for victim, socket in ((scene.alice, alice), (scene.bob, bob)):
            for seen in await _heard(socket):
                _assert_only_of(seen, scene.eve.username, [victim.username])
    assert await scene.seen() == before


async def test_what_one_keeps_about_a_thread_is_not_shown_to_its_peer(
    scene: Scene, open_socket: OpenSocket
) -> None:
    """By no call that asks, with the words of it and without, nor in any frame."""
    alice, bob, word = scene.alice, scene.bob, f"secret{uuid4().hex[:8]}"
    async with open_socket(alice) as own, open_socket(bob) as peer:
        await keep_draft(alice, bob, word)
        _, document = await bob.call("GET", "/api/openapi.json")
        for call in calls(document, Loot([alice.username], scene.loot.ids, [], [word])):
            if call.method == "GET":
                _, text = await _try(bob, call)
                assert word not in text or word in call.text, (call, text)
                assert f'"text":"{word}"' not in text, (call, text)
        assert [each for each in await _heard(own) if each["type"] == "state"][-1]["state"]["draft"][
            "text"
        ] == word
        heard = json.dumps(await _heard(peer))
        assert word not in heard
        assert '"state"' not in heard
    async with open_socket(bob) as peer:
        assert word not in json.dumps(await _heard(peer))


async def _say(raw: RawSocket, *said: Document) -> None:
    for each in said:
        await raw.send(frame(json.dumps(each).encode()))


async def _heard(raw: RawSocket) -> list[Document]:
    """Every frame up to the answer to a ping of ours."""
    await _say(raw, {"type": "typing", "thread": "!"})  # is complained about, after everything before it
    found = []
    while (came := await raw.frame()) is not None and came.opcode != CLOSE:
        if came.opcode == TEXT:
            found.append(json.loads(came.payload))
            if found[-1]["type"] == "error" and "/thread" in json.dumps(found[-1]):
                return found
    raise AssertionError(f"the socket ended after {found[-3:]}")


def _assert_only_of(seen: Document, eve: str, others: list[str]) -> None:
    """A frame between eve and these, not between two of the others."""
    sender, thread = seen.get("sender") or seen.get("by"), seen.get("thread")
    if sender is not None:
        assert eve in (sender, thread) or (sender in others and thread == eve), seen


async def test_a_stranger_without_a_session_gets_nothing(product: Product, scene: Scene) -> None:
    _, document = await scene.eve.call("GET", "/api/openapi.json")
    async with aiohttp.ClientSession(product.url, cookie_jar=aiohttp.DummyCookieJar()) as http:
        for call in calls(document, scene.loot):
            if call.path.startswith(_OPEN) or (call.method, call.path) in _ENDS_THE_SESSION:
                continue
            async with http.request(call.method, call.path, params=call.query, json=call.body) as answer:
                assert answer.status == 401, (call, await answer.text())
