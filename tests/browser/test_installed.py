"""Duet as an app: shortcuts, what other apps share, and how somebody is told that it can be one."""

from playwright.async_api import expect

from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.conftest import MakeCorrespondent
from tests.correspondent import Correspondent

_CAN_INSTALL = """
  window.prompted = 0;
  const event = new Event("beforeinstallprompt", { cancelable: true });
  event.prompt = async () => { window.prompted += 1; };
  window.dispatchEvent(event);
"""


async def test_what_another_app_shares_goes_into_the_composer_of_the_chat_that_is_chosen(
    chatter: MakeChatter,
    correspondent: MakeCorrespondent,
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await bob.say("hello")
    await ann.open(bob)
    await ann.box.fill("look:")
    text = "A%20page%20https%3A%2F%2Fexample.org%2F%3Fq%3Da%26b"
    await ann.page.goto(
        f"{ann.url}/share?title=A+page&text={text}&url=https%3A%2F%2Fexample.org%2F%3Fq%3Da%26b"
    )
    shared = ann.page.get_by_role("region", name="Shared with Duet")
    await expect(shared).to_contain_text("Choose a chat for this")
    await ann.row(bob).click()
    await expect(ann.box).to_have_value("look:\nA page https://example.org/?q=a&b")
    await expect(shared).to_be_hidden()
    await bob.sees("hello")  # nothing was sent

    await ann.page.goto(f"{ann.url}/share?text=never%20mind")
    await ann.button("Do not share").click()
    await ann.row(bob).click()
    await expect(ann.box).not_to_have_value("never mind")


async def test_a_shortcut_begins_a_new_chat(chatter: MakeChatter) -> None:
    ann = await chatter("Ann")
    await ann.page.goto(f"{ann.url}/messages?new-chat")
    await expect(ann.page.get_by_label("Search people")).to_be_focused()
    assert ann.page.url == f"{ann.url}/messages"


async def test_who_closes_the_hint_to_install_is_never_told_again(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    await ann.page.evaluate(_CAN_INSTALL)
    hint = ann.page.get_by_role("region", name="Suggestion")
    await ann.say("one")
    await bob.sees("one")
    await expect(hint).to_be_hidden()
    await bob.say("two")
    await expect(hint).to_contain_text("Duet can be an app")
    await hint.get_by_role("button", name="Install").click()
    assert await ann.page.evaluate("window.prompted") == 1
    await ann.open(bob)
    await ann.page.evaluate(_CAN_INSTALL)
    await bob.say("three")
    await ann.sees("one", "two", "three")
    await expect(hint).to_be_hidden()
