"""The switches of what others see, on the settings page."""

import asyncio
import re

from playwright.async_api import Locator, Page, Route, expect

from tests.axe import no_violations
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter

NAMES = ["Read receipts", "Typing", "Last seen and online"]
RECIPROCAL = "If you turn this off, you will not see others’ either."
FINGER_PX = 44
HOLDS_WITHIN_S = 10.0
"""Twice what is promised, on a busy machine."""


def section(page: Page) -> Locator:
    return page.get_by_role("region", name="What others see")


def switch(page: Page, name: str) -> Locator:
    return page.get_by_role("switch", name=name)


async def test_a_switch_is_saved_at_once_and_on_all_devices(chatter: MakeChatter) -> None:
    ann, phone = await chatter("Ann"), await chatter("Phone", color_scheme="dark", forced_colors="active")
    await phone.log_in_as(ann)
    await ann.page.goto(f"{ann.url}/settings")
    for name in NAMES:
        await expect(switch(ann.page, name)).to_be_checked()
        await expect(switch(ann.page, name)).to_have_accessible_description(re.compile(RECIPROCAL))
    await no_violations(ann.page)
    await switch(ann.page, "Read receipts").focus()
    await ann.page.keyboard.press("Space")
    await expect(section(ann.page).get_by_role("status")).to_have_text("Saved. Read receipts: off.")
    await switch(ann.page, "Last seen and online").click()
    await expect(section(ann.page).get_by_role("status")).to_have_text("Saved. Last seen and online: off.")
    await no_violations(ann.page)
    await phone.page.goto(f"{ann.url}/settings")
    await expect(switch(phone.page, "Typing")).to_be_checked()
    for name in ("Read receipts", "Last seen and online"):
        await expect(switch(phone.page, name)).not_to_be_checked()
    await no_violations(phone.page)
    await switch(phone.page, "Read receipts").check()
    await expect(section(phone.page).get_by_role("status")).to_have_text("Saved. Read receipts: on.")
    await ann.page.reload()
    await expect(switch(ann.page, "Read receipts")).to_be_checked()


async def test_a_switch_that_cannot_be_saved_goes_back_and_says_why(chatter: MakeChatter) -> None:
    ann = await chatter("Ann", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    may_load, problem = asyncio.Event(), section(ann.page).get_by_role("alert")

    async def late(route: Route) -> None:
        await may_load.wait()
        await route.abort()

    await ann.page.route("**/api/settings", late)
    await ann.page.goto(f"{ann.url}/settings")
    for name in NAMES:
        await expect(switch(ann.page, name)).to_be_disabled()
    may_load.set()
    await expect(problem).to_have_text("Duet cannot be reached. Check your connection and try again.")
    await ann.page.unroute("**/api/settings")
    await section(ann.page).get_by_role("button", name="Try again").tap()
    await expect(switch(ann.page, "Typing")).to_be_checked()
    await expect(problem).to_have_count(0)
    await ann.context.set_offline(True)
    row = ann.page.get_by_text("Others see when you are writing to them.")
    await row.tap(force=True)  # all of it is the switch
    await expect(problem).to_contain_text("Not saved. Duet cannot be reached.")
    await expect(switch(ann.page, "Typing")).to_be_checked()
    await no_violations(ann.page)
    await ann.context.set_offline(False)
    await switch(ann.page, "Typing").tap()
    await expect(section(ann.page).get_by_role("status")).to_have_text("Saved. Typing: off.")
    await expect(problem).to_have_count(0)
    for row in await ann.page.locator(".switch-row").all():
        box = await row.bounding_box()
        assert box is not None
        assert box["height"] >= FINGER_PX
    assert await ann.page.evaluate("document.documentElement.scrollWidth") == 360


async def sees_nothing_of(who: Chatter, peer: Chatter) -> None:
    """Neither that they are here nor that they are not, nor when they were."""
    await expect(who.page.locator("#peer-status")).to_have_text(f"@{peer.username}")
    await expect(who.row(peer).locator(".dot")).to_have_count(0)


async def reads_are_told(who: Chatter, peer: Chatter, *, told: bool) -> None:
    """Waits until the server has it so, which takes it some seconds."""
    async with asyncio.timeout(HOLDS_WITHIN_S):
        while (await peer_read(who, peer) > 0) is not told:
            await asyncio.sleep(0.1)


async def peer_read(who: Chatter, peer: Chatter) -> int:
    answer = await who.context.request.get(f"{who.url}/api/threads")
    [read] = [
        row["peer_read"] for row in (await answer.json())["threads"] if row["username"] == peer.username
    ]
    return int(read)


async def test_who_hides_something_does_not_see_it_of_others_and_nothing_misleads(
    pair: tuple[Chatter, Chatter],
) -> None:
    ann, bob = pair
    status = ann.page.locator("#peer-status")
    await ann.say("before")
    await expect(ann.message("before").locator(".state")).to_have_text("Read")
    await bob.box.press_sequentially("I ty")
    await expect(status).to_have_text("typing…")
    settings = await bob.another_tab()
    await settings.page.goto(f"{bob.url}/settings")
    for name in NAMES:
        await expect(switch(settings.page, name)).to_be_checked()  # until then it is not known
        await switch(settings.page, name).uncheck()
        await expect(section(settings.page).get_by_role("status")).to_have_text(f"Saved. {name}: off.")
    for who, peer in ((ann, bob), (bob, ann)):
        await sees_nothing_of(who, peer)
        await reads_are_told(who, peer, told=False)
    await ann.page.evaluate(
        """() => {
            window.said = [];
            const status = document.querySelector("#peer-status");
            new MutationObserver(() => window.said.push(status.textContent)).observe(status, {
                childList: true, characterData: true, subtree: true,
            });
        }"""
    )
    await bob.box.press_sequentially("pe and nobody sees it")
    await bob.box.press("Enter")
    await ann.sees("before", "I type and nobody sees it")
    await expect(bob.message("I type").locator(".state")).to_have_text("Delivered")
    await ann.say("after")
    await bob.sees("before", "I type and nobody sees it", "after")
    await expect(ann.message("after").locator(".state")).to_have_text("Delivered")
    await expect(bob.page).to_have_title("Duet")  # though it is read
    assert await ann.page.evaluate("window.said") == []
    for who, peer in ((ann, bob), (bob, ann)):
        await who.page.reload()
        await who.loaded()
        await sees_nothing_of(who, peer)
        await expect(who.log.locator(".state")).to_have_text("Delivered")
        await who.button("New chat").click()
        await who.page.get_by_label("Search people").fill(peer.username)
        found = who.page.get_by_role("option").filter(has_text=f"@{peer.username}")
        await expect(found).to_have_text(re.compile(rf"@{peer.username}$"))
        await no_violations(who.page)
        await who.page.keyboard.press("Escape")
    for name in NAMES:
        await switch(settings.page, name).check()
        await expect(section(settings.page).get_by_role("status")).to_have_text(f"Saved. {name}: on.")
    await expect(status).to_have_text("online")
    await reads_are_told(ann, bob, told=True)
    await ann.say("again")
    await expect(ann.message("again").locator(".state")).to_have_text("Read")


async def test_who_is_not_findable_is_not_listed_and_still_reached_by_name(chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann"), await chatter("Bob")
    await bob.page.goto(f"{bob.url}/settings")
    await expect(switch(bob.page, "Findable in the user list")).to_be_checked()
    await switch(bob.page, "Findable in the user list").uncheck()
    await expect(section(bob.page).get_by_role("status")).to_have_text(
        "Saved. Findable in the user list: off."
    )
    await ann.open()
    await ann.button("New chat").click()
    await ann.page.get_by_label("Search people").fill(bob.username)
    await expect(ann.page.get_by_text(f"Nobody found for “{bob.username}”.")).to_be_visible()
    await ann.open(bob)  # by the exact name
    await ann.say("I know your name")
    await bob.open(ann)
    await bob.sees("I know your name")
