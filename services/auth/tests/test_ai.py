"""The AI has a profile, so that people can have a thread with it, but no account."""

from services.auth.ai import PROFILE
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
