"""Accounts through PgBouncer."""

import asyncio

import pytest

from services.auth.tests.driver import Driver
from shared.plumbing.postgres.database import PooledDatabase


@pytest.mark.usefixtures("pooled")
async def test_people_sign_up_log_in_and_out_at_once(auth: Driver) -> None:
    assert isinstance(auth.db, PooledDatabase)
    names = [f"user{number}" for number in range(6)]
    await asyncio.gather(*(auth.sign_up(name) for name in names))
    people = await asyncio.gather(*(auth.log_in(name) for name in names))
    settings = {"read_receipts": False}
    assert {(await one.ask("PATCH", "/api/settings", settings)).status for one in people} == {200}
    assert {(await one.ask("DELETE", "/api/session")).status for one in people} == {204}
    assert not any([await one.lives() for one in people])
