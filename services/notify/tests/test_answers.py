"""What push services answer, and what becomes of it."""

import asyncio
import time
from pathlib import Path

from services.notify.tests.town import Town
from shared.plumbing import failpoints
from shared.testing.push_service import PushService


async def test_a_subscription_that_is_gone_or_leads_elsewhere_is_forgotten(
    town: Town, service: PushService
) -> None:
    """A redirect, to an address of ours perhaps, is followed nowhere."""
    other = await town.subscribe("eve")
    for times, status in enumerate((404, 410, 301, 307), start=1):
        await town.subscribe("bob")
        service.answers["bob"].append((status, {"Location": other.endpoint}))
        await town.say("ann", "bob", "hello")
        async with asyncio.timeout(20):
            while await town.devices() == 2:
                await asyncio.sleep(0.02)
        assert (service.asked["bob"], service.asked["eve"]) == (times, 0), status
        _, state = await town.as_user(town.sessions["bob"], "notify", "GET", "/api/push")
        assert state["subscribed"] is False


async def test_one_that_is_busy_is_asked_again_when_it_says(town: Town, service: PushService) -> None:
    await town.subscribe("bob")
    await town.subscribe("eve")
    service.answers["bob"] += [(429, {"Retry-After": "4"})]
    service.answers["eve"] += [(503, {}), (500, {})]
    sent = time.monotonic()
    await town.say("ann", "bob", "one")
    await town.say("ann", "eve", "one")
    [bob] = await service.take("bob")
    assert bob.at - sent >= 4
    [eve] = await service.take("eve")
    assert eve.push.body == "one"
    assert (service.asked["bob"], service.asked["eve"]) == (2, 3)
    await town.settled()


async def test_what_comes_while_one_waits_to_be_asked_again_goes_with_it(
    town: Town, service: PushService
) -> None:
    await town.subscribe("bob")
    service.answers["bob"] += [(429, {"Retry-After": "3"})]
    await town.say("ann", "bob", "one")
    await service.until(lambda: service.asked["bob"])
    await town.say("ann", "bob", "two")
    assert [one.push.body for one in await service.take("bob")] == ["two"]
    await town.settled()
    assert service.asked["bob"] == 2


async def test_a_push_that_is_refused_for_good_is_given_up(town: Town, service: PushService) -> None:
    await town.subscribe("bob")
    service.answers["bob"] += [(413, {})]
    await town.say("ann", "bob", "one")
    await town.settled()
    await town.say("ann", "bob", "two")
    assert [one.push.body for one in await service.take("bob")] == ["two"]
    assert service.asked["bob"] == 2


async def test_a_slow_device_keeps_no_other_waiting(town: Town, service: PushService) -> None:
    await town.subscribe("bob")
    await town.subscribe("eve")
    service.held.add("bob")
    await town.say("ann", "bob", "slow")
    await service.until(lambda: service.asked["bob"])
    await town.say("ann", "eve", "fast")
    await service.take("eve")
    assert service.of("bob") == []
    await service.release("bob")
    await service.take("bob")


async def test_what_waits_follows_a_browser_to_another_push_service(
    town: Town, service: PushService, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    async with PushService(tmp_path / "other").running() as other:
        trusted = tmp_path / "both.pem"
        trusted.write_text(service.ca.read_text() + other.ca.read_text())
        await town.stop("notify")
        await town.start("notify", push_hosts=f"{service.host},{other.host}", push_ca=str(trusted))
        browser = await town.subscribe("bob")
        service.answers["bob"] += [(429, {"Retry-After": "2"})]
        await town.say("ann", "bob", "follows")
        await service.until(lambda: service.asked["bob"])
        moved = other.browser("bob", browser.key)
        status, _ = await town.as_user(
            town.sessions["bob"], "notify", "PUT", "/api/push", moved.subscription()
        )
        assert status == 204
        assert [one.push.body for one in await other.take("bob")] == ["follows"]
    assert service.of("bob") == []


async def test_one_that_is_answered_while_others_are_looked_for_is_not_pushed_again(
    town: Town, service: PushService
) -> None:
    await town.subscribe("bob")
    await town.subscribe("eve")
    service.held.add("bob")
    await town.say("ann", "bob", "once")
    await service.until(lambda: service.asked["bob"])
    failpoints.arm("notify.due_read=sleep:20@1")
    try:
        await town.say("ann", "eve", "makes the queue look")
        async with asyncio.timeout(20):
            while not failpoints.reached("notify.due_read"):
                await asyncio.sleep(0.02)
            await service.release("bob")
            while await town.sql.fetchval(
                "SELECT count(*) FROM notify.notices JOIN notify.subscriptions AS s ON s.id = subscription"
                " WHERE due_at IS NOT NULL AND s.user_id = $1",
                town.sessions["bob"].user,
            ):
                await asyncio.sleep(0.02)
    finally:
        failpoints.arm("")
    await service.take("eve")
    await town.settled()
    assert len(service.of("bob")) == 1


async def test_a_message_that_comes_while_another_is_on_its_way_is_told_after_it(
    town: Town, service: PushService
) -> None:
    await town.subscribe("bob")
    service.held.add("bob")
    await town.say("ann", "bob", "one")
    await service.until(lambda: service.asked["bob"])
    await town.say("ann", "bob", "two")
    async with asyncio.timeout(20):
        while await town.sql.fetchval("SELECT max(seq) FROM notify.notices") < 2:
            await asyncio.sleep(0.02)
    await service.release("bob")
    assert [one.push.body for one in await service.take("bob", 2)] == ["one", "two"]


async def test_nothing_private_is_connected_to_whatever_a_name_leads_to(
    town: Town, service: PushService
) -> None:
    """Here `localhost`, which the operator has allowed by its name alone."""
    await town.subscribe("bob")
    await town.stop("notify")
    await town.start("notify", push_allow_private=False)
    await town.say("ann", "bob", "hello")
    async with asyncio.timeout(20):
        while not await town.sql.fetchval("SELECT max(failures) FROM notify.notices"):
            await asyncio.sleep(0.02)
    assert service.asked["bob"] == 0


async def test_an_endpoint_that_the_operator_allows_no_more_is_forgotten(
    town: Town, service: PushService
) -> None:
    await town.subscribe("bob")
    await town.stop("notify")
    await town.start("notify", push_hosts="")
    await town.say("ann", "bob", "hello")
    async with asyncio.timeout(20):
        while await town.devices():
            await asyncio.sleep(0.02)
    assert service.asked["bob"] == 0
