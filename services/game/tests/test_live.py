"""Live games: what two people do in one, and what their thread's log says about it."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from services.game.tests.table import Table
from shared.wire.games import Game
from shared.wire.ids import uuid7

X_WINS = (4, 0, 2, 1, 6)


async def test_a_game_from_offer_to_line_is_told_change_by_change(table: Table) -> None:
    game = await table.offer("bob", "ann", x="peer", o="me")
    assert (game.phase, game.turn, game.version) == ("offered", None, 1)
    assert (await table.done("ann", game.id, "accept")).turn == "X"
    last = await table.play(game.id, *X_WINS)
    assert (last.phase, last.status, last.ending, last.line) == ("finished", "X", "line", [2, 4, 6])
    assert last.score.wins == {"ann": 1, "bob": 0}
    await table.posted()
    events = await table.log()
    assert [(one["kind"], one["sender"], one["body"]["by"]) for one in events] == [
        ("game", who, who) for who in ("bob", "ann", "ann", "bob", "ann", "bob", "ann")
    ]
    assert [one["body"]["version"] for one in events] == [1, 2, 3, 4, 5, 6, 7]
    assert [one["body"]["moves"] for one in events[2:]] == [list(X_WINS[:count]) for count in range(1, 6)]
    assert events[-1]["body"]["score"] == {"wins": {"ann": 1, "bob": 0}, "draws": 0}
    assert [one["body"] for one in await table.log("bob", "ann")] == [one["body"] for one in events]


async def test_of_fifty_racers_for_a_ply_one_wins_and_the_others_are_told(table: Table) -> None:
    game = await table.offer("ann", "bob")
    await table.done("bob", game.id, "accept")

    async def race(ply: int, cell: int) -> tuple[int, Any]:
        """The same again while the database is busy."""
        id = str(uuid7())
        while True:
            found = await table.act(
                ("ann", "bob")[ply % 2], game.id, "move", client_id=id, ply=ply, cell=cell
            )
            if found[0] != 503:
                return found

    for ply in range(4):
        cells = [cell for cell in range(9) if cell not in (await table.state(game.id)).game.moves]
        answers = await asyncio.gather(*(race(ply, cells[number % len(cells)]) for number in range(50)))
        assert sorted(status for status, _ in answers) == [200] + [409] * 49
        assert {answer["code"] for status, answer in answers if status == 409} == {"stale"}
    await table.posted()
    assert await table.versions(game.id) == [1, 2, 3, 4, 5, 6]


async def test_a_command_is_done_once_however_often_it_is_sent(table: Table) -> None:
    asked = {"client_id": str(uuid7()), "x": "me", "o": "peer"}
    answers = await asyncio.gather(
        *(table.call("ann", "POST", "/api/threads/bob/games", asked) for _ in range(5))
    )
    assert sorted(status for status, _ in answers) == [200, 200, 200, 200, 201]
    [id] = {answer["game"]["id"] for _, answer in answers}
    await table.done("bob", id, "accept")
    move = {"client_id": str(uuid7()), "do": "move", "ply": 0, "cell": 4}
    path = f"/api/games/{id}/commands"
    answers = await asyncio.gather(*(table.call("ann", "POST", path, move) for _ in range(5)))
    assert [(status, answer["game"]["version"]) for status, answer in answers] == [(200, 3)] * 5
    status, problem = await table.call("ann", "POST", path, {**move, "cell": 5})
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (409, "conflict", "/client_id")
    status, problem = await table.call("ann", "POST", "/api/threads/bob/games", {**asked, "o": "easy"})
    assert (status, problem["code"]) == (409, "conflict")


async def test_nobody_but_the_two_members_learns_of_a_game(table: Table) -> None:
    game = await table.offer("ann", "bob")
    for answer in (
        await table.call("eve", "GET", f"/api/games/{game.id}"),
        await table.act("eve", game.id, "accept"),
        await table.act("ann", uuid4(), "accept"),
        await table.call("ann", "GET", "/api/games/x"),
        await table.call("ann", "GET", "/api/threads/ann/games"),
        await table.call("ann", "GET", "/api/threads/nobody/games"),
    ):
        assert (answer[0], answer[1]["code"]) == (404, "not-found")
    assert (await table.call("eve", "GET", "/api/threads/ann/games"))[1]["games"] == []
    assert await table.call("eve", "GET", "/api/games") == (200, {"games": []})


@pytest.mark.parametrize(
    ("who", "do", "more", "expected"),
    [
        ("ann", "accept", {}, (409, "not-now", "/do")),
        ("bob", "withdraw", {}, (409, "not-now", "/do")),
        ("ann", "move", {"ply": 0, "cell": 4}, (409, "not-now", "/do")),
        ("ann", "resign", {}, (409, "not-now", "/do")),
        ("ann", "rematch", {}, (409, "not-now", "/do")),
        ("ann", "draw", {"answer": "offer"}, (409, "not-now", "/do")),
        ("ann", "fly", {}, (422, "invalid", "/do")),
        ("ann", "move", {"ply": 0, "cell": 999}, (422, "invalid", "/cell")),
    ],
)
async def test_what_an_offer_does_not_allow_is_refused_by_name(
    table: Table, who: str, do: str, more: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    game = await table.offer("ann", "bob")
    status, problem = await table.act(who, game.id, do, **more)
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == expected
    assert (await table.state(game.id)).game.version == 1


async def test_an_offer_is_declined_or_withdrawn_and_then_over(table: Table) -> None:
    declined, withdrawn = await table.offer("ann", "bob"), await table.offer("ann", "bob")
    assert (await table.done("bob", declined.id, "decline")).phase == "declined"
    assert (await table.done("ann", withdrawn.id, "withdraw")).phase == "withdrawn"
    for game in (declined, withdrawn):
        status, problem = await table.act("bob", game.id, "accept")
        assert (status, problem["code"]) == (409, "not-now")


async def test_your_move_is_known_over_all_threads(table: Table) -> None:
    async def waiting(who: str) -> list[tuple[str, str]]:
        _, answer = await table.call(who, "GET", "/api/games", turn="mine")
        assert all(one["waiting"] for one in answer["games"])
        return [(one["thread"], one["game"]["id"]) for one in answer["games"]]

    with_bob, with_eve = await table.offer("ann", "bob"), await table.offer("eve", "ann")
    assert (await waiting("bob"), await waiting("eve")) == ([("ann", str(with_bob.id))], [])
    assert await waiting("ann") == [("eve", str(with_eve.id))]
    await table.done("bob", with_bob.id, "accept")
    assert await waiting("ann") == [("bob", str(with_bob.id)), ("eve", str(with_eve.id))]
    await table.done("ann", with_bob.id, "move", ply=0, cell=4)
    assert (await waiting("ann"), len(await waiting("bob"))) == ([("eve", str(with_eve.id))], 1)
    _, all_open = await table.call("ann", "GET", "/api/games")
    assert [(one["thread"], one["waiting"]) for one in all_open["games"]] == [("bob", False), ("eve", True)]


async def test_games_stand_at_their_first_event_and_are_found_by_seq(table: Table) -> None:
    first = await table.offer("ann", "bob")
    await table.done("bob", first.id, "decline")
    await table.posted()
    second = await table.offer("bob", "ann")
    await table.posted()

    async def found(**query: Any) -> list[tuple[str, int, str]]:
        _, answer = await table.call("ann", "GET", "/api/threads/bob/games", **query)
        return [(one["game"]["id"], one["seq"], one["game"]["phase"]) for one in answer["games"]]

    early, late = (str(first.id), 1, "declined"), (str(second.id), 3, "offered")
    assert await found() == [late]
    assert await found(**{"from": 0}) == [early, late]
    assert await found(**{"from": 1, "to": 2}) == [early]
    assert await found(to=0) == []
    assert await found(**{"from": 0}, limit=1) == [late]


async def test_the_games_that_were_finished_are_listed_apart(table: Table) -> None:
    async def finished(who: str, **query: Any) -> list[tuple[str, int]]:
        peer = "bob" if who == "ann" else "ann"
        _, answer = await table.call(who, "GET", f"/api/threads/{peer}/games", phase="finished", **query)
        return [(one["game"]["id"], one["seq"]) for one in answer["games"]]

    assert await finished("ann") == []
    over = []
    for _ in range(3):
        game = await table.offer("ann", "bob")
        await table.posted()
        await table.done("bob", game.id, "accept")
        over.append(await table.done("ann", game.id, "resign"))
        await table.done("bob", (await table.offer("ann", "bob")).id, "decline")
        await table.posted()
    await table.offer("ann", "bob")
    await table.posted()
    listed = [(str(game.id), seq) for game, seq in zip(over, (1, 6, 11), strict=True)]
    assert await finished("ann") == await finished("bob") == listed
    assert await finished("ann", limit=2) == listed[1:]
    assert await finished("ann", limit=2, to=5) == listed[:1]
    for wrong in ({"limit": 0}, {"limit": 201}, {"phase": "declined"}):
        assert (await table.call("ann", "GET", "/api/threads/bob/games", **wrong))[0] == 422


async def test_ten_games_are_open_in_a_thread_at_most(table: Table) -> None:
    for _ in range(10):
        game = await table.offer("ann", "bob")
    status, problem = await table.call("bob", "POST", "/api/threads/ann/games", {"client_id": str(uuid7())})
    assert (status, problem["code"]) == (409, "too-many-games")
    await table.done("ann", game.id, "withdraw")
    await table.offer("bob", "ann")


async def test_no_more_than_ten_are_open_however_fast_they_are_offered(table: Table) -> None:
    for _ in range(9):
        await table.offer("ann", "bob")
    async with table.sql.transaction():
        await table.sql.execute("LOCK TABLE game.games IN SHARE MODE")  # all may count before one writes
        offers = [
            asyncio.create_task(
                table.call(who, "POST", f"/api/threads/{peer}/games", {"client_id": str(uuid7())})
            )
            for who, peer in (("ann", "bob"), ("bob", "ann"), ("ann", "bob"))
        ]
        await _until_they_wait(table, len(offers))
    answers = await asyncio.gather(*offers)
    assert sorted(status for status, _ in answers) == [201, 409, 409]
    assert {answer["code"] for status, answer in answers if status == 409} == {"too-many-games"}


async def _until_they_wait(table: Table, offers: int) -> None:
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database() AND query ~ 'INSERT INTO games|advisory'"
    )
    async with asyncio.timeout(10):
        while await table.sql.fetchval(waiting) < offers:
            await table.sql.execute("SELECT pg_stat_clear_snapshot()")
            await asyncio.sleep(0.01)


async def test_the_tenth_game_offered_several_times_at_once_is_one_and_not_too_many(table: Table) -> None:
    for _ in range(9):
        await table.offer("ann", "bob")
    asked = {"client_id": str(uuid7())}
    answers = await asyncio.gather(
        *(table.call("ann", "POST", "/api/threads/bob/games", asked) for _ in range(5))
    )
    assert sorted(status for status, _ in answers) == [200, 200, 200, 200, 201]
    assert len({answer["game"]["id"] for _, answer in answers}) == 1


async def test_a_rematch_swaps_sides_and_the_second_who_asks_accepts(table: Table) -> None:
    game = await table.offer("ann", "bob", clock={"initial_s": 60, "increment_s": 1}, takebacks=False)
    await table.done("bob", game.id, "accept")
    await table.done("bob", game.id, "resign")
    again = await table.done("ann", game.id, "rematch")
    assert (again.phase, again.seats.x.username, again.rematch_of) == ("offered", "bob", game.id)
    assert (again.takebacks, again.clock and again.clock.initial_s) == (False, 60)
    assert (await table.done("ann", game.id, "rematch")).id == again.id
    taken = await table.done("bob", game.id, "rematch")
    assert (taken.id, taken.phase, taken.what, taken.by) == (again.id, "playing", "accepted", "bob")
    assert taken.score.wins == {"ann": 1, "bob": 0}


async def test_both_who_ask_for_a_rematch_at_once_play_one(table: Table) -> None:
    game = await table.offer("ann", "bob")
    await table.done("bob", game.id, "accept")
    await table.done("bob", game.id, "resign")
    asked = await asyncio.gather(*(table.done(who, game.id, "rematch") for who in ("ann", "bob")))
    [id] = {again.id for again in asked}
    assert (await table.state(id)).game.phase == "playing"


@pytest.mark.parametrize(
    "asked",
    [
        {"x": "me", "o": "me"},
        {"x": "peer", "o": "peer"},
        {"x": "wizard"},
        {"clock": {"initial_s": 1}},
        {"clock": {"initial_s": 60, "increment_s": -1}},
        {"spec": {"variant": "chess"}},
        {"spec": {"variant": "mnk", "m": 3, "n": 3, "k": 9}},
        {"spec": {"variant": "classic", "m": 4}},
        {"client_id": "x"},
        {"surprise": 1},
    ],
)
async def test_an_offer_that_cannot_be_names_its_field(table: Table, asked: dict[str, Any]) -> None:
    status, problem = await table.call(
        "ann", "POST", "/api/threads/bob/games", {"client_id": str(uuid7()), **asked}
    )
    assert status == 422, problem
    assert problem["errors"][0]["pointer"].startswith("/")


async def test_every_variant_is_played_by_its_own_rules(table: Table) -> None:
    async def begin(**spec: Any) -> Game:
        game = await table.offer("ann", "bob", spec=spec)
        return await table.done("bob", game.id, "accept")

    misere = await table.play((await begin(variant="misere")).id, 0, 3, 1, 4, 2)
    assert (misere.status, misere.line) == ("O", [0, 1, 2])
    long = await table.play((await begin(variant="mnk", m=15, n=15, k=5)).id, 0, 15, 1, 16, 2, 17, 3, 18, 4)
    assert (long.status, long.line) == ("X", [0, 1, 2, 3, 4])
    ultimate = await begin(variant="ultimate")
    await table.play(ultimate.id, 40)
    status, problem = await table.act("bob", ultimate.id, "move", ply=1, cell=0)
    assert (status, problem["errors"][0]["pointer"]) == (422, "/cell")
