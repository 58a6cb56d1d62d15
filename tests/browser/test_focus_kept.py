"""Who presses something with a key has the focus there, or where they go on, while it is done and when it fails."""

import asyncio

import pytest
from playwright.async_api import Locator, Route, expect

from shared.testing.long_thread import write_long
from shared.testing.product import Product
from tests.browser.conftest import MakeChatter
from tests.browser.test_push import browser_with_notices
from tests.conftest import MakeCorrespondent

AWAY = "Duet cannot be reached"


async def press(button: Locator) -> None:
    await button.focus()
    await button.press("Enter")


async def test_the_focus_stays_in_the_list_of_devices_while_they_are_ended(chatter: MakeChatter) -> None:
    ann, others = await chatter("Ann"), [await chatter("Bob"), await chatter("Cid")]
    for other in others:
        await other.log_in_as(ann)
    await ann.page.goto(f"{ann.url}/settings")
    ends = ann.page.locator("#devices").get_by_role("button")
    await expect(ends).to_have_count(2)
    await ends.first.focus()
    await ann.page.keyboard.press("Enter")
    await expect(ends).to_have_count(1)
    await expect(ends.first).to_be_focused()
    await ann.page.keyboard.press("Enter")
    await expect(ends).to_have_count(0)
    await expect(ann.page.get_by_role("heading", name="Devices")).to_be_focused()


async def test_a_form_that_could_not_be_sent_is_sent_again_by_the_same_key(chatter: MakeChatter) -> None:
    ann = await chatter("Ann")
    await ann.page.goto(f"{ann.url}/settings")
    save = ann.page.get_by_role("region", name="You").get_by_role("button", name="Save")
    await ann.page.get_by_label("Display name").fill("Ann of the Hill")
    await ann.context.set_offline(True)
    await press(save)
    await expect(ann.page.get_by_text(AWAY)).to_be_visible()
    await expect(save).to_be_focused()
    await ann.context.set_offline(False)
    await ann.page.keyboard.press("Enter")
    await expect(ann.page.locator("#own-name")).to_have_text("Ann of the Hill")
    await expect(save).to_be_focused()


@pytest.mark.parametrize("page", ["messages", "settings"])
async def test_who_could_not_log_out_does_by_the_same_key(chatter: MakeChatter, page: str) -> None:
    ann = await chatter("Ann")
    await ann.page.goto(f"{ann.url}/{page}")
    await expect(ann.button("Log out")).to_be_enabled()
    asked: asyncio.Queue[Route] = asyncio.Queue()
    await ann.page.route("**/api/session", asked.put, times=1)
    await press(ann.button("Log out"))
    answer = await asked.get()
    await ann.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    await answer.abort()
    await expect(ann.page.locator("#log-out-problem")).to_contain_text(AWAY)
    await expect(ann.button("Log out")).to_be_focused()
    await ann.page.keyboard.press("Enter")
    await ann.page.wait_for_url("**/login")


async def test_a_game_that_could_not_be_offered_is_by_the_same_key(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await ann.open(bob)
    await ann.button("Game").click()
    await ann.page.route("**/games", lambda route: route.abort(), times=1)
    await press(ann.button("Offer game"))
    await expect(ann.page.locator("#offer-problem")).to_contain_text(AWAY)
    await expect(ann.button("Offer game")).to_be_focused()
    await ann.page.keyboard.press("Enter")
    await expect(ann.log.get_by_role("article")).to_have_count(1)


async def test_what_is_tried_again_leaves_the_focus_where_one_goes_on(
    chatter: MakeChatter,
) -> None:
    ann = await chatter("Ann", service_workers="allow")
    await ann.page.add_init_script(browser_with_notices())
    for path in ("settings", "push"):
        await ann.context.route(f"**/api/{path}", lambda route: route.abort())
    await ann.page.goto(f"{ann.url}/settings")
    again = {part: ann.page.locator(f"#{part}-again") for part in ("seeing", "push")}
    for button in again.values():
        await press(button)
        await expect(button).to_be_focused()
        await expect(button).to_be_visible()
    await ann.context.unroute_all()
    await press(again["seeing"])
    await expect(ann.page.get_by_role("switch", name="Read receipts")).to_be_focused()
    await expect(again["seeing"]).to_be_hidden()
    await press(again["push"])
    switch = ann.page.get_by_role("switch", name="Notifications in this browser")
    await expect(switch).to_be_focused()
    for said in ("Notifications: on", "Notifications: off"):
        await ann.page.keyboard.press("Space")
        await expect(ann.page.get_by_text(said)).to_be_visible()
        await expect(switch).to_be_focused()


async def test_an_invitation_that_could_not_be_made_is_copied_once_it_is(chatter: MakeChatter) -> None:
    ann = await chatter("Ann")
    await ann.open()
    await ann.page.route("**/api/invites", lambda route: route.abort(), times=1)
    await ann.page.locator("#inbox-empty").get_by_role("button", name="Invite").click()
    await press(ann.button("Try again"))
    await expect(ann.button("Copy link")).to_be_focused()
    await expect(ann.page.get_by_role("textbox", name="Link")).not_to_have_value("")


async def test_who_ends_a_search_is_in_the_log(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await write_long(product, ann.username, bob.username, 40, told={7: "walnut"})
    await ann.open(bob)
    await ann.page.keyboard.press("Control+k")
    await ann.page.get_by_label("Words to search for").fill("walnut")
    await expect(ann.page.get_by_role("list", name="Messages found").get_by_role("link")).to_have_count(1)
    await ann.page.keyboard.press("Enter")
    bar = ann.page.get_by_role("group", name="Search results")
    await press(bar.get_by_role("button", name="Close search"))
    await expect(bar).to_be_hidden()
    await expect(ann.log).to_be_focused()
