"""Servers that were given are asked before anything starts."""

import pytest

from deploy.local.checks import check_given_servers
from deploy.local.settings import from_environment


@pytest.mark.parametrize(
    ("login", "socket", "said"),
    [
        ("", "/nowhere/valkey.sock", "nobody listens where DUET_REDIS_URL leads"),
        ("duet:secret@", "", "Redis does not accept our name or password (WRONGPASS)"),
        ("", "", ""),
    ],
)
async def test_a_redis_that_cannot_be_used_is_named_with_the_reason_and_no_password(
    clean_redis_url: str, login: str, socket: str, said: str
) -> None:
    path = socket or clean_redis_url.removeprefix("unix://")
    lines: list[str] = []
    await check_given_servers(from_environment({"DUET_REDIS_URL": f"unix://{login}{path}"}), lines.append)
    shown = login.replace("secret", "***")
    expected = f"Redis at unix://{shown}{path} cannot be used: {said}. Going on without, slower"
    assert lines == ([expected] if said else [])
