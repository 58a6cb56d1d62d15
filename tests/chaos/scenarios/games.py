"""Whatever a live game depends on is killed under it."""

from functools import partial

from tests.chaos.games import couples, playing
from tests.chaos.run import Run
from tests.chaos.scenario import RECOVERY_LIMIT_S, scenario
from tests.chaos.scenarios.kills import kill

_VICTIMS = ("game", "threads", "postgres")
_COUPLES = 4


@scenario("kill-under-games")
async def kill_under_games(run: Run) -> None:
    """game, threads, PostgreSQL are killed in turn: no turn is lost or played twice, each event is in the log once."""
    base_url = run.crowd.pairs[0].people[0].base_url
    async with couples(base_url, _COUPLES) as found:
        async with playing(found):
            for number in range(run.faults_wanted):
                victim = _VICTIMS[number % len(_VICTIMS)]
                await run.inject("kill", victim, partial(kill, run, victim))
                await run.pause()
        games = sum(len(couple.games) for couple in found)
        wrong = [sentence for couple in found for sentence in (*couple.wrong, *await couple.mistold())]
    run.measure("slowest delivery of the chat", run.slowest_chat_s, RECOVERY_LIMIT_S)
    run.measure("games told wrongly", len(wrong), 0, f"of {games} {wrong[:1]}")
    run.measure("too few games were played", float(games < run.faults_wanted), 0, "")
