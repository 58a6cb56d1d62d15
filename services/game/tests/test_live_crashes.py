"""Whatever dies between a command and the thread's log, the turn is played and its events are in the log, each once."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator

import aiohttp
import pytest

from services.game.live.keys import LIVE
from services.game.live.sweeper import Sweeper
from services.game.tests.table import Table
from shared.plumbing import failpoints
from shared.wire.games import Game
from shared.wire.ids import uuid7
from shared.wire.problems import Unavailable

POINTS = (
    "game.before_commit=kill@3",
    "game.after_commit=kill@3",
    "game.before_post=kill@1",  # what is committed meanwhile goes with the next round, so there may be few
    "game.after_post=kill@1",
    "game.before_choice=kill@3",
    "game.after_choice=kill@3",
)


async def doomed(table: Table, point: str) -> asyncio.subprocess.Process:
    """A game process that will kill itself."""
    environment = {
        **os.environ,
        "DUET_LISTEN": f"unix:{table.path('game-2')}",
        "DUET_KEYS_DIR": str(table.directory / "keys"),
        "DUET_POSTGRES_URL": table.database_url,
        "DUET_THREADS_URL": f"unix:{table.path('threads')}",
        "DUET_AI_PACE_S": "0",
        "DUET_ENGINE_WORKERS": "0",
        "DUET_FAILPOINTS": point,
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.game", env=environment, stderr=asyncio.subprocess.PIPE
    )


@contextlib.asynccontextmanager
async def mortal(table: Table, point: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The same, once it listens."""
    child = await doomed(table, point)
    assert child.stderr is not None
    async with asyncio.timeout(60):
        while b"listening" not in (line := await child.stderr.readline()):
            assert line, "it ended"
    table.join("game-2")
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


@pytest.mark.parametrize("point", POINTS)
async def test_a_killed_service_loses_no_turn_and_no_event(table: Table, point: str) -> None:
    await table.stop("game")
    asked = {"client_id": str(uuid7()), "x": "perfect", "o": "perfect"}
    async with mortal(table, point) as child:
        with contextlib.suppress(aiohttp.ClientError):
            await table.call("ann", "POST", "/api/threads/bob/games", asked, at="game-2")
            async with asyncio.timeout(60):
                assert await child.wait() == -9
    await table.leave("game-2")
    await table.start("game")
    status, answer = await table.call("ann", "POST", "/api/threads/bob/games", asked)
    assert status in (200, 201)
    over = await table.until(answer["game"]["id"], lambda found: found.game.phase == "finished")
    assert over.game.status == "draw"
    assert await table.versions(over.game.id) == list(range(1, 11))
    assert [len(one["body"]["moves"]) for one in await table.log()] == list(range(10))


async def test_events_wait_while_threads_is_away_and_then_come_in_order(table: Table) -> None:
    game = await table.offer("ann", "bob")
    await table.posted()
    await table.stop("threads")
    await table.done("bob", game.id, "accept")
    await table.play(game.id, 4, 0, 2)
    assert await table.waiting() == 4
    await table.start("threads")
    await table.posted()
    assert await table.versions(game.id) == [1, 2, 3, 4, 5]


async def test_an_answer_of_threads_that_is_lost_writes_nothing_twice(table: Table) -> None:
    game = await table.offer("ann", "bob")
    failpoints.arm("game.after_post=error@1")
    try:
        await table.done("bob", game.id, "accept")
        await table.posted()
    finally:
        failpoints.arm("")
    assert await table.versions(game.id) == [1, 2]


async def test_several_services_on_one_schema_post_and_play_each_thing_once(table: Table) -> None:
    await asyncio.gather(table.start("game-2"), table.start("game-3"))
    offers = (("ann", "bob"), ("bob", "ann")) * 3
    games: list[Game] = [await table.offer(who, peer, x="perfect", o="perfect") for who, peer in offers]
    for game in games:
        await table.until(game.id, lambda found: found.game.phase == "finished")
        assert await table.versions(game.id) == list(range(1, 11))


async def test_a_flag_falls_by_itself(table: Table) -> None:
    game = await table.offer("ann", "bob", clock={"initial_s": 5})
    await table.done("bob", game.id, "accept")
    await table.done("ann", game.id, "move", ply=0, cell=4)
    await shorten(table, game)
    over = await table.until(game.id, lambda found: found.game.phase == "finished")
    assert (over.game.what, over.game.status, over.game.ending) == ("flag-fell", "X", "clock")
    assert over.game.score.wins == {"ann": 1, "bob": 0}
    status, problem = await table.act("bob", game.id, "move", ply=1, cell=0)
    assert (status, problem["code"]) == (409, "not-now")


async def test_time_in_which_no_service_ran_is_nobodys(table: Table) -> None:
    game = await table.offer("ann", "bob", clock={"initial_s": 5})
    await table.done("bob", game.id, "accept")
    await table.done("ann", game.id, "move", ply=0, cell=4)
    await table.stop("game")
    await shorten(table, game)
    await table.sql.execute("UPDATE game.beats SET at = clock_timestamp() - interval '1 min'")
    await table.start("game")
    found = await table.until(game.id, lambda found: found.game.version == 4)
    assert (found.game.what, found.game.by, found.game.phase) == ("resumed", None, "playing")
    assert (await table.done("bob", game.id, "move", ply=1, cell=0)).turn == "X"
    await table.posted()
    assert await table.versions(game.id) == [1, 2, 3, 4, 5]


async def timed_games(table: Table, thought_s: int, away_s: int) -> list[Game]:
    """Three, in each of which bob has thought for so long, of which no service ran for so long; none runs now."""
    games = []
    for _ in range(3):
        game = await table.offer("ann", "bob", clock={"initial_s": 180})
        await table.done("bob", game.id, "accept")
        games.append(await table.done("ann", game.id, "move", ply=0, cell=4))
    await table.posted()
    await table.stop("game")
    await table.sql.execute(
        "UPDATE game.games SET state = jsonb_set(state::jsonb, '{clock,since}',"
        " to_jsonb(clock_timestamp() - make_interval(secs => $1)))::text",
        thought_s,
    )
    await table.sql.execute(
        "UPDATE game.beats SET at = clock_timestamp() - make_interval(secs => $1)", away_s
    )
    return games


async def given_back_once(table: Table, games: list[Game], thought_s: int, away_s: int) -> None:
    for game in games:
        found = await table.until(game.id, lambda found: found.game.what == "resumed")
        assert found.game.version == game.version + 1
        assert found.game.clock is not None
        assert found.game.clock.since is not None
        charged_s = (found.game.at - found.game.clock.since).total_seconds()
        assert charged_s == pytest.approx(thought_s - away_s, abs=2)
        assert await table.versions(game.id) == [1, 2, 3, 4]


async def test_a_process_that_dies_while_it_gives_time_back_has_given_none_twice(table: Table) -> None:
    games = await timed_games(table, thought_s=100, away_s=30)
    child = await doomed(table, "game.before_resume=kill@3")
    async with asyncio.timeout(60):
        await child.communicate()
    assert child.returncode == -9
    await table.start("game")
    await given_back_once(table, games, thought_s=100, away_s=30)


async def test_several_processes_that_come_back_at_once_give_time_back_once(table: Table) -> None:
    games = await timed_games(table, thought_s=100, away_s=30)
    failpoints.arm("game.before_resume=sleep:0.3")  # long enough for all to look at the same time
    try:
        await asyncio.gather(*(table.start(name) for name in ("game", "game-2", "game-3")))
        await given_back_once(table, games, thought_s=100, away_s=30)
    finally:
        failpoints.arm("")


async def test_after_an_outage_nothing_is_held_against_a_clock_before_its_time_is_given_back(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever comes first when a frozen service thaws."""
    game = await table.offer("ann", "bob", clock={"initial_s": 5})
    await table.done("bob", game.id, "accept")
    moved = await table.done("ann", game.id, "move", ply=0, cell=4)
    games = table.app("game")[LIVE].games
    stopped = asyncio.Event()

    async def no_beat(sweeper: Sweeper) -> None:
        stopped.set()

    with monkeypatch.context() as patched:
        patched.setattr(Sweeper, "beat", no_beat)
        await asyncio.wait_for(stopped.wait(), 5)
        await table.sql.execute("UPDATE game.beats SET at = clock_timestamp() - interval '1 min'")
        await shorten(table, game)
        status, problem = await table.act("bob", game.id, "move", ply=1, cell=0)
        assert (status, problem["code"], problem["retry"]) == (503, "unavailable", True)
        for early in (games.watch_clock(game.id), games.play(game.id, moved.version, 0)):
            with pytest.raises(Unavailable):
                await early
        assert (await table.state(game.id)).game.version == moved.version
    found = await table.until(game.id, lambda found: found.game.version == moved.version + 1)
    assert (found.game.what, found.game.phase) == ("resumed", "playing")
    assert (await table.done("bob", game.id, "move", ply=1, cell=0)).turn == "X"


async def test_a_move_after_the_flag_fell_is_too_late_though_nobody_had_noticed(table: Table) -> None:
    game = await table.offer("ann", "bob", clock={"initial_s": 5})
    await table.done("bob", game.id, "accept")
    await table.done("ann", game.id, "move", ply=0, cell=4)
    await table.sql.execute("UPDATE game.games SET due_at = NULL")
    await shorten(table, game)
    status, problem = await table.act("bob", game.id, "move", ply=1, cell=0)
    assert (status, problem["code"]) == (409, "not-now")
    assert (await table.state(game.id)).game.what == "flag-fell"


async def test_without_postgres_the_ai_answers_and_live_games_say_that_they_cannot(table: Table) -> None:
    await table.stop("game")
    await table.start("game", postgres_url="postgresql://nobody@/nowhere?host=/nowhere")
    headers = table.tokens.program("gateway")
    move, ready = (
        await table.bare("POST", "/api/tictactoe/move", headers, {"board": "........."}),
        await table.bare("GET", "/health/ready", {}),
    )
    assert (move[0], move[1]["cell"]) == (200, 4)
    assert (ready[0], ready[1]["postgres"]) == (200, "degraded")
    status, problem = await table.call("ann", "GET", "/api/games")
    assert (status, problem["code"]) == (503, "unavailable")


async def shorten(table: Table, game: Game) -> None:
    """As if the side on turn had thought for a minute."""
    await table.sql.execute(
        "UPDATE game.games SET due_at = due_at - interval '1 min', state = jsonb_set(state::jsonb, '{clock,since}',"
        " to_jsonb(clock_timestamp() - interval '1 min'))::text WHERE id = $1",
        game.id,
    )
