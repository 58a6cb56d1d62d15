"""`python -m services.auth`, as the operator runs it."""

import asyncio
import os
import sys

import pytest

from services.auth.passwords import is_common
from services.auth.reset import main, random_password
from services.auth.tests.driver import OTHER_PASSWORD, Driver


async def _run(*arguments: str, **environ: str) -> tuple[int | None, str, str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("DUET_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.auth",
        *arguments,
        env={**bare, **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, complaints = await process.communicate()
    return process.returncode, out.decode(), complaints.decode()


async def test_a_reset_prints_a_password_and_ends_all_sessions(auth: Driver, database_url: str) -> None:
    ann, bob = await auth.sign_up("ann"), await auth.sign_up("bob")
    assert (await _run("reset-password", "nobody", DUET_POSTGRES_URL=database_url))[:2] == (1, "")
    status, printed, complaints = await _run("reset-password", "Ann", DUET_POSTGRES_URL=database_url)
    assert (status, complaints) == (0, "")
    password = printed.removesuffix("\n")
    assert len(password) == 23
    assert [await ann.lives(), await bob.lives()] == [False, True]
    assert (await auth.try_log_in("ann")).status == 401
    assert (await auth.try_log_in("ann", password)).status == 200
    assert (await auth.try_log_in("bob")).status == 200


def _reset(capsys: pytest.CaptureFixture[str], *arguments: str, **environ: str) -> tuple[int, str, str]:
    """As `_run("reset-password", …)`, without a process."""
    status = main(list(arguments), environ)
    return status, *capsys.readouterr()


async def test_the_service_s_own_database_setting_goes_first(auth: Driver, database_url: str) -> None:
    await auth.sign_up("ann", password=OTHER_PASSWORD)
    settings = {"DUET_AUTH_POSTGRES_URL": database_url, "DUET_POSTGRES_URL": "postgresql://nowhere.invalid/x"}
    assert await asyncio.to_thread(main, ["ann"], settings) == 0


def test_a_reset_that_cannot_be_says_why(capsys: pytest.CaptureFixture[str], database_url: str) -> None:
    for name in ("nobody", "no name", "x' or true --"):
        refused = _reset(capsys, name, DUET_POSTGRES_URL=database_url)
        assert refused == (1, "", f"duet: there is no user {name}\n")
    status, _, complaints = _reset(capsys, "ann", DUET_POSTGRES_URL="postgresql://127.0.0.1:1/x")
    assert status == 1
    assert complaints.startswith("duet: the database cannot be used: ")
    assert _reset(capsys, "ann")[::2] == (2, "duet: DUET_POSTGRES_URL is not set\n")
    assert _reset(capsys)[0] == 2


def test_a_reset_on_a_new_database_says_so(
    capsys: pytest.CaptureFixture[str], empty_database_url: str
) -> None:
    status, _, complaints = _reset(capsys, "ann", DUET_POSTGRES_URL=empty_database_url)
    assert (status, complaints) == (1, "duet: there is no user ann: the database is new\n")


async def test_check_config_hides_the_password() -> None:
    status, printed, _ = await _run(
        "--check-config",
        DUET_LISTEN="127.0.0.1:9",
        DUET_POSTGRES_URL="postgresql://duet:hush@db/duet",
        DUET_REDIS_URL="redis://cache",
    )
    assert status == 0
    assert "DUET_POSTGRES_URL=postgresql://duet:***@db/duet" in printed
    assert "hush" not in printed


def test_random_passwords_differ_and_are_not_common() -> None:
    made = {random_password() for _ in range(100)}
    assert len(made) == 100
    assert not any(is_common(password, "ann") for password in made)
