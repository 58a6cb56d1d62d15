"""Changing one's display name on the settings page."""

from playwright.async_api import expect

from tests.axe import no_violations
from tests.browser.conftest import MakeChatter


async def test_a_new_display_name_is_what_others_see_and_a_blank_one_is_none(chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann"), await chatter("Bob", color_scheme="dark")
    you = ann.page.get_by_role("region", name="You")
    await ann.page.goto(f"{ann.url}/settings")
    await expect(you.get_by_label("Display name")).to_have_value("Ann")
    await you.get_by_label("Display name").fill("  ")
    await you.get_by_role("button", name="Save").click()
    await expect(you.get_by_text("Type a name.")).to_be_visible()
    await you.get_by_label("Display name").fill("Ann of the Hill")
    await you.get_by_role("button", name="Save").click()
    await expect(you.get_by_role("status")).to_have_text("Saved.")
    await expect(you.locator("strong")).to_have_text("Ann of the Hill")
    await no_violations(ann.page)
    await ann.page.reload()  # at once: no gateway says the old one
    await expect(you.locator("strong")).to_have_text("Ann of the Hill")
    await bob.open(ann)
    await expect(bob.page.get_by_role("heading", name="Ann of the Hill")).to_be_visible()
