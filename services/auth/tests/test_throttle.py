"""Throttles: strangers are held back, the owner is not, and nothing tells whether a name exists."""

import asyncio
import threading
from collections import Counter

import pytest

from services.auth.hashing import MAX_WAITING, WORKERS, Asker, Hasher
from services.auth.keys import ACCOUNTS
from services.auth.queries import devices
from services.auth.tests.conftest import Start
from services.auth.tests.driver import ADDRESS, OTHER_PASSWORD, Driver
from services.auth.tokens import digest
from shared.wire.accounts import LoggedIn


async def test_an_account_takes_ten_log_ins_a_minute_from_all_addresses_together(
    limited_auth: Driver,
) -> None:
    await limited_auth.sign_up("ann")
    answers = [
        await limited_auth.try_log_in("ANN", OTHER_PASSWORD, address=f"192.0.2.{n}") for n in range(11)
    ]
    assert [answer.status for answer in answers] == [401] * 10 + [429]
    assert answers[-1].problem.code == "rate-limited"
    assert 50 <= int(answers[-1].headers["Retry-After"]) <= 61


async def test_an_address_takes_thirty_log_ins_a_minute_over_all_accounts(limited_auth: Driver) -> None:
    answers = [await limited_auth.try_log_in(f"nobody{n}") for n in range(31)]
    assert [answer.status for answer in answers] == [401] * 30 + [429]
    assert (await limited_auth.try_log_in("nobody", address="192.0.2.1")).status == 401


async def test_an_address_takes_twenty_sign_ups_an_hour(limited_auth: Driver) -> None:
    answers = [await limited_auth.try_sign_up(f"user{n}") for n in range(21)]
    assert [answer.status for answer in answers] == [201] * 20 + [429]
    assert 3500 <= int(answers[-1].headers["Retry-After"]) <= 3601
    assert (await limited_auth.try_sign_up("user20", address="192.0.2.1")).status == 201


async def test_a_refused_sign_up_is_not_counted_when_it_could_not_have_worked(limited_auth: Driver) -> None:
    for _ in range(25):
        assert (await limited_auth.try_sign_up("ann", "password123")).status == 422
    assert (await limited_auth.try_sign_up("ann")).status == 201


async def test_the_refusal_is_the_same_for_known_and_unknown_names(limited_auth: Driver) -> None:
    await limited_auth.sign_up("ann")
    last = {}
    for name in ("ann", "nobody"):
        answers = [
            await limited_auth.try_log_in(name, OTHER_PASSWORD, address=f"192.0.2.{n}") for n in range(11)
        ]
        last[name] = answers[-1]
    assert last["ann"].status == last["nobody"].status == 429
    assert last["ann"].body == last["nobody"].body


async def test_a_guesser_at_the_same_address_does_not_lock_the_owner_s_browser_out(
    limited_auth: Driver,
) -> None:
    ann = await limited_auth.sign_up("ann")
    for name in ("ann",) * 12 + tuple(f"nobody{n}" for n in range(40)):
        await limited_auth.try_log_in(name, OTHER_PASSWORD)
    assert (await limited_auth.try_log_in("ann")).status == 429
    back = await limited_auth.log_in("ann", device=ann.login.device)
    assert back.login.device == ann.login.device


async def test_a_device_has_its_own_ten_a_minute(limited_auth: Driver) -> None:
    ann = await limited_auth.sign_up("ann")
    guesses = [
        (await limited_auth.try_log_in("ann", OTHER_PASSWORD, device=ann.login.device)).status
        for _ in range(11)
    ]
    assert guesses == [401] * 10 + [429]
    assert (await limited_auth.try_log_in("ann")).status == 200


async def test_a_device_of_somebody_else_is_no_exemption(limited_auth: Driver) -> None:
    await limited_auth.sign_up("ann")
    mallory = await limited_auth.sign_up("mallory")
    for device in (mallory.login.device, "made up", ""):
        answers = [await limited_auth.try_log_in("ann", OTHER_PASSWORD, device=device) for _ in range(11)]
        assert answers[-1].status == 429


async def test_a_change_of_password_forgets_the_devices_elsewhere(limited_auth: Driver) -> None:
    ann = await limited_auth.sign_up("ann")
    elsewhere = await limited_auth.log_in("ann")
    renewed = (await ann.change_password()).of(LoggedIn)
    for _ in range(10):
        await limited_auth.try_log_in("ann", "a wrong guess")
    assert (await limited_auth.try_log_in("ann", OTHER_PASSWORD, device=elsewhere.login.device)).status == 429
    assert (await limited_auth.try_log_in("ann", OTHER_PASSWORD, device=renewed.device)).status == 200


async def test_of_more_than_a_hundred_devices_the_least_used_are_forgotten(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    async with auth.db.connection() as conn:
        await conn.execute("UPDATE devices SET last_used_at = now() - interval '1 hour'")
        for number in range(100):
            await devices.remember(conn, ann.id, digest(str(number)))
        assert await conn.fetchval("SELECT count(*) FROM devices") == 100
        assert not await devices.is_known(conn, "ann", digest(ann.login.device))
        assert await devices.is_known(conn, "ann", digest("0"))


async def test_no_hash_is_computed_for_a_throttled_log_in(
    limited_auth: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = Counter[str]()
    verify = Hasher.verify

    async def counted(self: Hasher, stored: str | None, password: str, asker: Asker) -> bool:
        hashes["verified"] += 1
        return await verify(self, stored, password, asker)

    monkeypatch.setattr(Hasher, "verify", counted)
    for _ in range(25):
        await limited_auth.try_log_in("ann")
    assert hashes["verified"] == 10


async def test_a_burst_at_once_gets_no_more_tries(limited_auth: Driver) -> None:
    answers = await asyncio.gather(*(limited_auth.try_log_in("ann") for _ in range(25)))
    assert Counter(answer.status for answer in answers) == {401: 10, 429: 15}


async def test_two_auth_processes_count_together(start_auth: Start) -> None:
    one, two = await start_auth(rate_limits="on"), await start_auth(rate_limits="on")
    statuses = [(await driver.try_log_in("ann")).status for driver in [one, two] * 6]
    assert statuses == [401] * 10 + [429] * 2


async def test_without_redis_the_limits_are_kept_in_memory(start_auth: Start) -> None:
    auth = await start_auth(rate_limits="on", redis_url="unix:///nowhere/valkey.sock")
    ann = await auth.sign_up("ann")
    statuses: list[int] = []
    while 429 not in statuses:  # one more is let in each six seconds
        statuses.append((await auth.try_log_in("ann", OTHER_PASSWORD)).status)
    assert statuses[:10] == [401] * 10
    assert (await auth.try_log_in("ann", device=ann.login.device)).status == 200


async def test_limits_can_be_switched_off(auth: Driver) -> None:
    statuses = {(await auth.try_log_in("ann", address=ADDRESS)).status for _ in range(40)}
    assert statuses == {401}


@pytest.mark.usefixtures("real_hashes")
async def test_strangers_who_fill_the_queue_of_hashes_do_not_keep_owners_out(limited_auth: Driver) -> None:
    ann, bob = await limited_auth.sign_up("ann"), await limited_auth.sign_up("bob")
    assert limited_auth.client.app is not None
    hasher, gate = limited_auth.client.app[ACCOUNTS].hasher, threading.Event()
    busy = [asyncio.create_task(hasher.compute(gate.wait, Asker("busy", owns=True))) for _ in range(WORKERS)]
    try:
        strangers = [
            asyncio.create_task(limited_auth.try_log_in(f"nobody{n}", address=f"192.0.2.{n % 128}"))
            for n in range(MAX_WAITING + WORKERS)
        ]
        async with asyncio.timeout(10):  # until some are refused, the queue is not full
            await asyncio.wait(strangers, return_when=asyncio.FIRST_COMPLETED)
        owners = [
            asyncio.create_task(ann.change_password()),
            asyncio.create_task(limited_auth.try_log_in("bob", device=bob.login.device)),
        ]
        before = hasher.pending
        async with asyncio.timeout(10):
            while hasher.pending < before + len(owners) and not any(owner.done() for owner in owners):
                await asyncio.sleep(0.01)
    finally:
        gate.set()
    assert all(await asyncio.gather(*busy))
    assert [answer.status for answer in await asyncio.gather(*owners)] == [200, 200]
    assert {answer.status for answer in await asyncio.gather(*strangers)} == {401, 503}
