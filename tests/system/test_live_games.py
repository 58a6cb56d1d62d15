"""Two people play in their thread, through the gateway and over sockets; the game service dies under an AI's turn."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from shared.testing.people import Person
from shared.testing.product import Product
from shared.testing.sockets import Socket
from shared.wire import codec
from shared.wire.games import Game
from shared.wire.ids import uuid7
from shared.wire.messages import EventFrame
from tests.conftest import MakePerson


class Player:
    """Somebody with a socket. `game`: the newest state that the socket brought of each game."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.name = person.username
        self.socket = Socket(person.username, person.base_url, {"Cookie": person.cookie})

    async def offer(self, peer: "Player", **asked: Any) -> str:
        status, answer = await self.person.call(
            "POST", f"/api/threads/{peer.name}/games", {"client_id": str(uuid7()), **asked}
        )
        assert status == 201, answer
        id: str = answer["game"]["id"]
        return id

    async def act(self, id: str, do: str, **more: Any) -> tuple[int, Any]:
        command = {"client_id": str(uuid7()), "do": do, **more}
        return await self.person.call("POST", f"/api/games/{id}/commands", command)

    async def done(self, id: str, do: str, **more: Any) -> None:
        status, answer = await self.act(id, do, **more)
        assert status == 200, answer

    async def sees(self, count: int = 1) -> list[Game]:
        """The next changes of games that the socket brings."""
        frames = await self.socket.receive(EventFrame, count)
        assert {frame.kind for frame in frames} == {"game"}
        return [codec.decode(bytes(frame.body), Game) for frame in frames]


@pytest_asyncio.fixture(loop_scope="session")
async def ann_and_bob(person: MakePerson) -> AsyncIterator[tuple[Player, Player]]:
    players = Player(await person("ann")), Player(await person("bob"))
    async with players[0].socket, players[1].socket:
        for player in players:
            await player.socket.connect()
        yield players


async def test_two_sockets_see_a_whole_game_and_a_third_all_of_it_again(
    ann_and_bob: tuple[Player, Player],
) -> None:
    ann, bob = ann_and_bob
    id = await ann.offer(bob)
    await bob.done(id, "accept")
    for ply, cell in enumerate((4, 0, 2, 1, 6)):
        mover = ann_and_bob[ply % 2]
        racers = [mover.act(id, "move", ply=ply, cell=cell) for _ in range(50)]
        answers = [(status, answer.get("code")) for status, answer in await asyncio.gather(*racers)]
        assert sorted(status for status, _ in answers) == [200] + [409] * 49
        assert {code for status, code in answers if status == 409} <= {"stale", "not-now"}
    seen = await ann.sees(7)
    assert [(game.version, game.what) for game in seen] == [
        (1, "offered"),
        (2, "accepted"),
        *((version, "moved") for version in range(3, 8)),
    ]
    assert (seen[-1].status, seen[-1].line, seen[-1].score.wins) == (
        "X",
        [2, 4, 6],
        {ann.name: 1, bob.name: 0},
    )
    assert await bob.sees(7) == seen
    later = Player(bob.person)
    async with later.socket:
        await later.socket.connect(cursors={ann.name: 0})
        assert await later.sees(7) == seen
    _, inbox = await bob.person.call("GET", "/api/threads")
    [thread] = inbox["threads"]
    assert (thread["username"], thread["head"], thread["unread"], thread["last_message"]) == (
        ann.name,
        7,
        0,
        None,
    )
    _, listed = await bob.person.call("GET", f"/api/threads/{ann.name}/games?from=1")
    assert [(one["seq"], one["game"]["version"]) for one in listed["games"]] == [(1, 7)]


async def test_a_game_service_that_is_killed_under_the_ais_turns_plays_each_of_them_once(
    mortal: Product, ann_and_bob: tuple[Player, Player]
) -> None:
    ann, bob = ann_and_bob
    id = await ann.offer(bob, x="perfect", o="perfect")
    [first] = await bob.sees()
    for _ in range(2):
        mortal.kill("game")
        await bob.sees()
    seen = await bob.sees(7)
    assert (seen[-1].phase, seen[-1].status, str(first.id)) == ("finished", "draw", id)
    assert [game.version for game in await ann.sees(10)] == list(range(1, 11))
    _, log = await ann.person.call("GET", f"/api/threads/{bob.name}/events?limit=200")
    assert [len(event["body"]["moves"]) for event in log["events"]] == list(range(10))


async def test_a_person_plays_the_ai_in_a_thread_of_their_own(person: MakePerson) -> None:
    ann = Player(await person("ann"))
    async with ann.socket:
        await ann.socket.connect("/messages/tic-tac-toe")
        asked = {"client_id": str(uuid7()), "x": "perfect", "o": "me"}
        path = "/api/threads/tic-tac-toe/games"
        status, problem = await ann.person.call("POST", path, {**asked, "x": "me", "o": "peer"})
        assert (status, problem["errors"][0]["pointer"]) == (422, "/o")
        status, _ = await ann.person.call("POST", path, asked)
        game = (await ann.sees(2))[-1]
        assert (status, game.moves, game.by, game.turn) == (201, [4], None, "O")
        while game.phase == "playing":
            cell = next(cell for cell in range(9) if cell not in game.moves)
            await ann.done(str(game.id), "move", ply=len(game.moves), cell=cell)
            [game] = await ann.sees()
            if game.turn == "X":
                [game] = await ann.sees()
        assert game.status in ("X", "draw")
        _, inbox = await ann.person.call("GET", "/api/threads")
        assert [(one["username"], one["display_name"]) for one in inbox["threads"]] == [
            ("tic-tac-toe", "Tic-tac-toe AI")
        ]
