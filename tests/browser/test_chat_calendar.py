"""The words for a time are right however long the page is open, and wherever it is taken."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import expect

from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.correspondent import Correspondent


async def _says_when(who: Chatter, text: str, zone: str) -> None:
    """One day, and the time of the message, are what they are in `zone`."""
    await expect(who.log.locator(".day")).to_have_text(["Today"])
    time = who.message(text).locator("time")
    sent = datetime.fromisoformat(await time.get_attribute("datetime") or "").astimezone(ZoneInfo(zone))
    await expect(time).to_have_text(f"{sent:%H:%M}")
    await expect(time).to_have_attribute("title", re.compile(rf"\b{sent:%-d %B %Y} at {sent:%H:%M}"))


async def test_at_midnight_today_becomes_yesterday_without_any_traffic(chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann", timezone_id="UTC"), await chatter("Bob")
    await bob.open(ann)
    await bob.say("good evening")
    await expect(bob.message("good evening").locator(".state")).to_have_text("Sent")
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    await ann.page.clock.install(time=midnight - timedelta(seconds=30))
    await ann.open(bob)
    await ann.page.clock.pause_at(midnight - timedelta(seconds=3))
    await expect(ann.log.locator(".day")).to_have_text(["Today"])
    await expect(ann.row(bob).locator("time")).to_have_text(re.compile(r"\d\d:\d\d"))
    await ann.page.clock.run_for(4000)
    await expect(ann.log.locator(".day")).to_have_text(["Yesterday"])
    await expect(ann.row(bob).locator("time")).to_have_text("Yesterday")


async def test_a_page_that_slept_over_midnight_knows_when_somebody_is_back(chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann", timezone_id="UTC"), await chatter("Bob")
    await bob.open(ann)
    await bob.say("good evening")
    await expect(bob.message("good evening").locator(".state")).to_have_text("Sent")
    sent = datetime.now(UTC)
    await ann.page.clock.install(time=sent)
    await ann.open(bob)
    await ann.page.clock.pause_at(sent + timedelta(seconds=60))
    await expect(ann.log.locator(".day")).to_have_text(["Today"])
    await ann.page.clock.set_system_time(sent + timedelta(days=2))  # no timer runs
    await ann.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await ann.page.clock.run_for(50)  # the next frame, which is drawn by this clock
    await expect(ann.log.locator(".day")).to_have_text([f"{sent:%A}"])


async def test_another_zone_tells_its_own_days_and_times(alone: tuple[Chatter, Correspondent]) -> None:
    ann, bob = alone
    session = await ann.context.new_cdp_session(ann.page)
    await session.send("Emulation.setTimezoneOverride", {"timezoneId": "Etc/GMT+12"})
    await bob.say("wherever you are")
    await _says_when(ann, "wherever you are", "Etc/GMT+12")
    for zone in ("Pacific/Kiritimati", "Asia/Kolkata"):
        await session.send("Emulation.setTimezoneOverride", {"timezoneId": zone})
        await _says_when(ann, "wherever you are", zone)
        await expect(ann.row(bob).locator("time")).to_have_attribute(
            "title", await ann.message("wherever you are").locator("time").get_attribute("title") or ""
        )
    await bob.say("and now")
    await expect(ann.message("and now")).to_be_visible()
    await _says_when(ann, "wherever you are", "Asia/Kolkata")
