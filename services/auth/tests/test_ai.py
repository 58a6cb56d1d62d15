"""The AI has a profile, so that people can have a thread with it, but no account."""

import pytest

from services.auth.ai import PROFILE, resembles
from services.auth.tests.driver import Driver
from shared.wire.accounts import AI_USER, AI_USERNAME, Profiles, ProfilesById, ProfilesByName


async def test_the_ai_is_found_by_name_and_id_beside_people(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    for path, asked in (
        ("/internal/users/by-name", ProfilesByName(["ann", AI_USERNAME.upper()])),
        ("/internal/users/by-id", ProfilesById([AI_USER, ann.id])),
    ):
        found = (await auth.as_program("POST", path, asked, "threads")).of(Profiles).profiles
        assert sorted(one.user for one in found) == [AI_USER, ann.id]
        assert PROFILE in found


async def test_nobody_signs_up_as_the_ai_logs_in_as_it_or_finds_it_in_the_list(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    assert (await auth.try_sign_up("Tic-Tac-Toe")).status == 409
    assert (await auth.try_log_in(AI_USERNAME)).status == 401
    assert AI_USERNAME.encode() not in (await ann.ask("GET", "/api/users?query=tic")).body


@pytest.mark.parametrize(
    "name", ["tic_tac_toe", "tictactoe", "Tic.Tac.Toe", "t1c-tac-t0e", "tlc--tac_toe", "tic-tac-toe-ai"]
)
async def test_no_account_is_named_like_the_ai(auth: Driver, name: str) -> None:
    answer = await auth.try_sign_up(name)
    assert (answer.status, answer.pointers) == (409, ["/username"])


@pytest.mark.parametrize(
    "name",
    [
        "Tic-tac-toe AI",
        "TIC TAC TOE  ai",
        "Tic\u2010tac\u2010toe\u00a0AI",
        "Tic\u200b-tac-toe AI\u200d",
        "Тіс-tас-tое АІ",
        "Τic-tac-τοe ΑΙ",
        "Tíc-tác-töe AI",
        "Ｔｉｃ－ｔａｃ－ｔｏｅ　ＡＩ",
        "𝓣𝓲𝓬-𝓽𝓪𝓬-𝓽𝓸𝓮 𝓐𝓘",
        "Tic-tac-toe Al",
        "T1c-tac-t0e A|",
        "✓ Tic-tac-toe AI 🤖",
        "tic-tac-toe",
    ],
)
async def test_no_account_is_shown_like_the_ai(auth: Driver, name: str) -> None:
    answer = await auth.try_sign_up("ann", display_name=name)
    assert (answer.status, answer.pointers) == (422, ["/display_name"]), answer.body


@pytest.mark.parametrize(
    "name", ["tic-tac", "Tic-tac-toe fan", "Titi", "ai", "Toe", "tactic", "Анна", "李", "🎉"]
)
def test_other_names_are_free(name: str) -> None:
    assert not resembles(name)
