"""What one person keeps about a thread, on two devices of which one is away for a while, through the whole product."""

from typing import Any

from shared.testing.people import Person
from shared.testing.product import Product
from shared.testing.sockets import Socket
from shared.wire.frames import StateFrame, Welcome
from shared.wire.member_state import Draft, MemberState
from tests.conftest import MakePerson


async def keep(person: Person, peer: Person, **changes: Any) -> tuple[int, Any]:
    return await person.call("PATCH", f"/api/threads/{peer.username}/state", changes)


async def listed(person: Person, **query: str) -> dict[str, Any]:
    """The threads in the list, by name, with what is kept about each."""
    status, answer = await person.call("GET", "/api/threads", params=query)
    assert status == 200, answer
    return {one["username"]: one.get("state") for one in answer["threads"]}


def state_in(welcome: Welcome, peer: Person) -> object:
    return welcome.threads[peer.username].state


async def test_a_device_that_was_away_comes_back_to_what_the_other_one_kept(
    product: Product, person: MakePerson
) -> None:
    ann, bob = await person("ann"), await person("bob")
    await bob.send(ann.username, "one")
    elsewhere = await Person(product.url, ann.username).log_in()
    phone, laptop = (Socket(ann.username, product.url, {"Cookie": one.cookie}) for one in (ann, elsewhere))
    await elsewhere.close()
    async with phone, laptop:
        await phone.connect()
        await laptop.connect()
        await keep(ann, bob, draft={"text": "on the"})
        for device in (phone, laptop):
            assert await device.receive(StateFrame) == [
                StateFrame(bob.username, MemberState(1, Draft("on the")))
            ]

        await phone.disconnect()
        await keep(ann, bob, draft={"text": "on the way", "reply_to": 1}, revision=1)
        await keep(ann, bob, marked_unread=True, archived="until-new")
        welcome = await phone.connect()
        assert state_in(welcome, bob) == MemberState(
            3, Draft("on the way", 1), archived="until-new", archived_through=1, marked_unread=True
        )

        status, problem = await keep(ann, bob, draft={"text": "typed while away"}, revision=1)
        assert (status, problem["code"]) == (409, "stale")

        await phone.say({"type": "read", "thread": bob.username, "seq": 1})
        expected = MemberState(4, Draft("on the way", 1), archived="until-new", archived_through=1)
        assert (await laptop.receive(StateFrame, 3))[-1] == StateFrame(bob.username, expected)

        assert await listed(ann, archived="true") == {
            bob.username: {
                "revision": 4,
                "draft": {"text": "on the way", "reply_to": 1},
                "archived": "until-new",
                "archived_through": 1,
            }
        }
        assert await listed(ann, archived="false") == {}
        await bob.send(ann.username, "two")
        assert await listed(ann, archived="true") == {}
        assert list(await listed(ann, archived="false")) == [bob.username]
        assert await listed(bob) == {ann.username: None}
