"""Health, service without Redis, and what is purged."""

import json

from services.auth.purge import BATCH, purge
from services.auth.tests.conftest import Start
from services.auth.tests.driver import Driver
from shared.version import VERSION


async def _ready(auth: Driver) -> tuple[int, dict[str, str]]:
    answer = await auth.ask("GET", "/health/ready", headers={})
    return answer.status, json.loads(answer.body)


async def test_ready_asks_postgres_and_redis(auth: Driver) -> None:
    assert await _ready(auth) == (
        200,
        {"status": "ready", "postgres": "ok", "redis": "ok", "version": VERSION},
    )


async def test_without_redis_auth_is_degraded_and_everything_works(start_auth: Start) -> None:
    auth = await start_auth(rate_limits="on", redis_url="redis://127.0.0.1:1")
    status, said = await _ready(auth)
    assert (status, said["status"], said["redis"], said["redis_why"]) == (
        200,
        "degraded",
        "degraded",
        "nobody listens where DUET_REDIS_URL leads",
    )
    ann = await auth.sign_up("ann")
    again = await auth.log_in("ann", presented=ann.login.token)
    assert (await again.ask("GET", "/api/users")).status == 200
    assert (await again.ask("DELETE", "/api/session")).status == 204
    assert not await again.lives()


async def test_without_postgres_calls_are_a_503(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    await auth.db.close()
    assert (await _ready(auth))[0] == 503
    for answer in (await auth.try_log_in("ann"), await auth.ask_for(ann.login.token)):
        assert (answer.status, answer.problem.retry) == (503, True)


async def test_a_restart_logs_nobody_out(start_auth: Start) -> None:
    before = await start_auth()
    ann = await before.sign_up("ann")
    await before.client.close()
    after = await start_auth()
    assert await after.check(ann.login.token) is not None


async def test_sessions_long_over_are_purged(auth: Driver) -> None:
    ended, expired, fresh = [await auth.sign_up(name) for name in ("ann", "bob", "carl")]
    just_ended = await auth.sign_up("dora")
    for person in (ended, just_ended):
        await person.ask("DELETE", "/api/session")
    await auth.shift(ended.session, "ended_at", "25 hours")
    await auth.shift(expired.session, "created_at", "92 days")
    assert await purge(auth.db) == 2
    async with auth.db.connection() as conn:
        left = {row["id"] for row in await conn.fetch("SELECT id FROM sessions")}
    assert left == {just_ended.session, fresh.session}


async def test_a_backlog_is_purged_in_batches_and_unused_devices_with_it(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    async with auth.db.connection() as conn:
        await conn.execute(
            "INSERT INTO sessions (token_hash, user_id, device_hash, user_agent, ended_at)"
            " SELECT sha256(n::text::bytea), $1, '', '', now() - interval '2 days' FROM generate_series(1, $2::int) n",
            ann.id,
            2 * BATCH + 1,
        )
        await conn.execute("UPDATE devices SET last_used_at = now() - interval '731 days'")
    assert await purge(auth.db) == 2 * BATCH + 2
    assert await purge(auth.db) == 0
    assert await ann.lives()
