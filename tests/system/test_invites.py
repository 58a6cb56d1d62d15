"""An invitation from the link to the thread, through the whole product."""

import asyncio
from typing import Any
from urllib.parse import unquote

import pytest

from shared.testing.people import PASSWORD, Person, fresh_name
from shared.testing.product import Product
from shared.testing.sockets import Socket
from shared.wire.messages import EventFrame
from tests.conftest import MakePerson

HTML = {"Accept": "text/html"}


async def _invite(inviter: Person, game: dict[str, Any] | None = None) -> tuple[dict[str, Any], str]:
    """What was made, and the token of its link."""
    status, made = await inviter.call("POST", "/api/invites", {"game": game} if game else {})
    assert status == 201, made
    return made, made["url"].rpartition("/i/")[2]


async def _accept(guest: Person, token: str) -> tuple[int, Any]:
    return await guest.call("POST", "/api/invites/accept", {"token": token})


async def _kinds(me: Person, peer: str, count: int) -> list[tuple[str, str]]:
    """Of the events of a thread, once there are so many: the game's come a moment later."""
    async with asyncio.timeout(20):
        while True:
            _, answer = await me.call("GET", f"/api/threads/{peer}/events")
            if len(answer["events"]) >= count:
                return [(each.get("kind", each["type"]), each["sender"]) for each in answer["events"]]
            await asyncio.sleep(0.02)


async def test_the_link_is_of_the_address_that_was_asked_and_comes_as_a_code_too(
    product: Product, person: MakePerson
) -> None:
    ann = await person("ann")
    made, token = await _invite(ann)
    assert made["url"] == f"{product.url}/i/{token}"
    assert made["qr"].startswith("data:image/svg+xml")
    assert "fill='#fff'" in unquote(made["qr"])  # its own white, on a dark page too
    _, listed = await ann.call("GET", "/api/invites")
    assert [each["id"] for each in listed["invites"]] == [made["id"]]
    assert token not in str(listed)


async def test_who_signs_up_by_an_invitation_is_in_the_thread_with_its_game(
    product: Product, person: MakePerson
) -> None:
    ann = await person("ann", "Ann Lee")
    _, token = await _invite(ann, {"x": "peer", "o": "me", "spec": {"variant": "ultimate"}})
    async with Socket(ann.username, product.url, {"Cookie": ann.cookie}) as watching:
        await watching.connect()
        bob = Person(product.url, fresh_name("bob"))
        account = {"username": bob.username, "password": PASSWORD, "invite": token}
        assert (await bob.call("POST", "/api/accounts", account))[0] == 201
        for _ in range(2):  # the answer to the first may have been lost
            assert await _accept(bob, token) == (200, {"username": ann.username, "display_name": "Ann Lee"})
        [frame] = await watching.receive(EventFrame)
        assert (frame.kind, frame.thread, frame.sender) == ("joined", bob.username, bob.username)
    expected = [("joined", bob.username), ("game", ann.username)]
    assert await _kinds(ann, bob.username, 2) == expected
    _, games = await bob.call("GET", "/api/games?turn=mine")
    [offered] = [each["game"] for each in games["games"]]
    assert (offered["phase"], offered["offered_by"], offered["spec"]["variant"]) == (
        "offered",
        ann.username,
        "ultimate",
    )
    assert offered["seats"]["X"]["username"] == bob.username
    for me, peer in ((ann, bob), (bob, ann)):
        _, listed = await me.call("GET", "/api/threads")
        [row] = listed["threads"]
        assert (row["username"], row["last_message"], row["unread"]) == (peer.username, None, 0)
        assert row["last_at"]
    await bob.send(ann.username, "hello")
    _, listed = await ann.call("GET", "/api/threads")
    assert "last_at" not in listed["threads"][0]
    await bob.close()


async def test_somebody_with_an_account_accepts_once_and_another_is_told(person: MakePerson) -> None:
    ann, bob, eve = [await person(name) for name in ("ann", "bob", "eve")]
    _, token = await _invite(ann)
    await bob.send(ann.username, "we have talked before")
    assert (await _accept(ann, token))[1]["code"] == "own-invite"
    answers = await asyncio.gather(_accept(bob, token), _accept(eve, token))
    assert sorted(status for status, _ in answers) == [200, 410]
    for guest in (bob, eve):
        assert (await _accept(guest, token))[0] in (200, 410)
    joined = [
        each for guest in (bob, eve) for each in await _kinds(ann, guest.username, 0) if each[0] == "joined"
    ]
    assert len(joined) == 1


@pytest.mark.parametrize(
    ("game", "pointer"),
    [
        ({"spec": {"variant": "mnk", "m": 3, "n": 3, "k": 9}}, "/game/spec/k"),
        ({"x": "me", "o": "me"}, "/game/o"),
        ({"x": "me", "o": "hard"}, "/game/o"),
        ({"x": "you"}, "/game/x"),
    ],
)
async def test_a_game_that_no_guest_could_play_is_a_422(person: MakePerson, game: Any, pointer: str) -> None:
    status, problem = await (await person("ann")).call("POST", "/api/invites", {"game": game})
    assert (status, problem["errors"][0]["pointer"]) == (422, pointer)


async def test_no_log_holds_the_token_of_an_invitation(product: Product, person: MakePerson) -> None:
    ann, bob = await person("ann"), await person("bob")
    _, token = await _invite(ann)
    for method in ("GET", "HEAD", "POST"):
        await bob.http.request(method, f"/i/{token}", headers=HTML)
    await _accept(bob, token)
    await _accept(ann, token)
    logs = list(product.data_dir.rglob("*.log"))
    assert logs
    assert [path.name for path in logs if token in path.read_text(errors="replace")] == []
    assert token not in "\n".join(product.output)
