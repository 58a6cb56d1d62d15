"""What people who are away are told, and what nobody is."""

import asyncio
import time
from datetime import UTC, datetime

from services.notify.tests.town import Town
from shared.plumbing import failpoints
from shared.testing.push_service import PushService


async def test_a_message_to_somebody_without_a_socket_is_pushed_at_once(
    town: Town, service: PushService
) -> None:
    await town.subscribe("bob")
    began = time.monotonic()
    await town.say("ann", "bob", "are you there?")
    [one] = await service.take("bob")
    assert one.at - began < 3, "it was waited for somebody who is not here"
    assert (one.push.title, one.push.body) == ("Ann", "are you there?")
    assert (one.push.url, one.push.thread, one.push.seq) == ("/messages/ann", "ann", 1)
    assert abs((datetime.now(UTC) - one.push.sent_at).total_seconds()) < 60
    assert (one.urgency, one.push.tag) == ("high", one.topic)
    assert 86_000 < one.ttl <= 86_400


async def test_who_subscribes_while_the_log_is_read_is_told_of_what_was_read(
    town: Town, service: PushService
) -> None:
    """Only what is about people with a device is asked for: by who had one before."""
    await town.subscribe("eve")
    failpoints.arm("notify.page_read=sleep:60")
    try:
        await town.say("ann", "bob", "for whom nobody asked")
        while not failpoints.reached("notify.page_read"):
            await asyncio.sleep(0.02)
        await town.subscribe("bob")
    finally:
        failpoints.arm("")
    [one] = await service.take("bob")
    assert one.push.body == "for whom nobody asked"


async def test_who_is_here_and_reads_within_three_seconds_is_told_nothing(
    town: Town, service: PushService
) -> None:
    await town.subscribe("bob")
    await town.subscribe("eve")
    async with town.here("bob", "eve"):
        sent = time.monotonic()
        await town.say("ann", "bob", "read at once")
        await town.say("ann", "eve", "left unread")
        await town.do("bob", "PUT", "/api/threads/ann/read", {"seq": 1})
        [one] = await service.take("eve")
        await town.settled()
    assert one.at - sent >= 3
    assert service.of("bob") == []


async def test_ten_in_a_row_are_one_notice_and_the_last_is_shown(town: Town, service: PushService) -> None:
    await town.subscribe("bob")
    await town.subscribe("ann")
    texts = [str(number) for number in range(1, 11)]
    async with town.here("bob"):
        await town.say("ann", "bob", *texts)
        await town.say("eve", "bob", "another thread")
        await service.until(lambda: {one.push.thread for one in service.of("bob")} == {"ann", "eve"})
        await town.settled()
    assert sorted(one.push.body for one in service.of("bob")) == ["10", "another thread"]
    await town.say("ann", "bob", *texts)
    await town.say("bob", "ann", "and back")
    await service.until(lambda: any(one.push.seq == 20 for one in service.of("bob")) and service.of("ann"))
    topics = {(one.device, one.push.thread): one.topic for one in service.received}
    assert len({(one.device, one.push.thread, one.topic) for one in service.received}) == len(topics) == 3
    assert len(set(topics.values())) == 3, "two people's topics of one thread tell that they belong together"


async def test_one_who_hides_texts_sees_that_there_is_a_message_only(
    town: Town, service: PushService
) -> None:
    await town.subscribe("bob", hide_text=True)
    await town.say("ann", "bob", "secret")
    [one] = await service.take("bob")
    assert (one.push.title, one.push.body) == ("Ann", "New message")


async def test_each_device_of_a_person_is_told(town: Town, service: PushService) -> None:
    await town.subscribe("bob", "phone")
    await town.subscribe(await town.log_in("bob"), "desk", hide_text=True)
    await town.say("ann", "bob", "hello")
    [phone], [desk] = await service.take("phone"), await service.take("desk")
    assert (phone.push.body, desk.push.body) == ("hello", "New message")


async def test_a_thread_that_is_muted_or_archived_is_not_pushed_until_it_is_no_more(
    town: Town, service: PushService
) -> None:
    await town.subscribe("bob")
    pushed = []
    for state in ({"muted_until": "forever"}, {"archived": "always"}):
        await town.do("bob", "PATCH", "/api/threads/ann/state", state)
        await town.say("ann", "bob", "quiet")
        await town.settled()
        await town.do("bob", "PATCH", "/api/threads/ann/state", dict.fromkeys(state))
        await town.say("ann", "bob", "loud")
        pushed.append("loud")
        assert [one.push.body for one in await service.take("bob", len(pushed))] == pushed, state
    await town.do("bob", "PATCH", "/api/threads/ann/state", {"archived": "until-new"})
    await town.say("ann", "bob", "and that ends it")
    assert [one.push.body for one in await service.take("bob", 3)] == [*pushed, "and that ends it"]


async def test_what_is_deleted_meanwhile_is_not_told_and_what_is_edited_as_it_is_now(
    town: Town, service: PushService
) -> None:
    await town.subscribe("bob")
    async with town.here("bob"):
        await town.say("ann", "bob", "first", "secret")
        await town.append("ann", "bob", ("delete", '{"target":2}'))
        await town.append("ann", "bob", ("edit", '{"target":1,"text":"first, mended"}'))
        await town.say("eve", "bob", "all of it secret")
        await town.append("eve", "bob", ("delete", '{"target":1}'))
        assert [one.push.body for one in await service.take("bob")] == ["first, mended"]
        await town.settled()
    assert len(service.received) == 1


async def test_nobody_is_told_of_reactions_or_of_what_they_wrote_themselves(
    town: Town, service: PushService
) -> None:
    await town.subscribe("ann")
    await town.subscribe("bob")
    await town.say("ann", "bob", "mine")
    await town.append("bob", "ann", ("reaction", '{"target":1,"emoji":"👍"}'))
    await service.take("bob")
    await town.settled()
    assert service.of("ann") == []


async def test_after_log_out_nothing_is_pushed_ever_after(town: Town, service: PushService) -> None:
    """Also what waited already, for a session that ended in whatever way."""
    phone, desk = town.sessions["bob"], await town.log_in("bob")
    await town.subscribe(phone, "phone")
    await town.subscribe(desk, "desk")
    await town.subscribe("eve")
    async with town.here("bob"):
        await town.say("ann", "bob", "waits for three seconds")
        await town.log_out(phone)
        await service.take("desk")
    await town.say("ann", "bob", "and another")
    await service.take("desk", 2)
    await town.say("ann", "eve", "last")
    await service.take("eve")
    await town.settled()
    assert service.of("phone") == []
    assert await town.devices() == 2


async def test_nothing_is_pushed_while_nobody_says_who_is_logged_in_and_nothing_is_lost(
    town: Town, service: PushService
) -> None:
    await town.subscribe("bob")
    async with town.here("bob"):
        await town.say("ann", "bob", "in between")
        async with asyncio.timeout(10):
            while not await town.sql.fetchval("SELECT count(*) FROM notify.notices"):
                await asyncio.sleep(0.02)
        await town.stop("auth")
        failpoints.arm("notify.before_decision=sleep:0")
        try:
            async with asyncio.timeout(20):
                while failpoints.arrivals("notify.before_decision") < 2:  # the first has failed then
                    await asyncio.sleep(0.02)
        finally:
            failpoints.arm("")
        assert service.received == []
        await town.start("auth")
        assert [one.push.body for one in await service.take("bob")] == ["in between"]
