"""What one keeps about a chat for oneself, in Firefox and in WebKit."""

from shared.testing.people import PASSWORD
from tests.correspondent import Correspondent
from tests.engines.conftest import MakeTab
from tests.engines.somebody import Somebody

_LOG_IN = """async (body) => {
  const headers = { "content-type": "application/json" };
  return (await fetch("/api/session", { method: "POST", headers, body: JSON.stringify(body) })).status;
}"""


async def _another_device(of: Somebody, tab: MakeTab) -> Somebody:
    device = Somebody(of.url, await tab(), of.username, of.display_name)
    await device.tab.goto(f"{of.url}/robots.txt")
    assert await device.tab.call(_LOG_IN, {"username": of.username, "password": PASSWORD}) == 200
    return device


async def test_a_draft_is_on_another_device_though_its_page_was_left_at_once(
    alone: tuple[Somebody, Correspondent], tab: MakeTab
) -> None:
    ann, bob = alone
    device = await _another_device(ann, tab)
    await ann.tab.fill("textbox", "Message", "half a thought")
    await ann.tab.goto(f"{ann.url}/settings")
    await device.open(bob)
    await device.tab.until("(text) => find('textbox', 'Message').value === text", "half a thought")
    await device.tab.click("button", "Send")
    await bob.sees("half a thought")
    await ann.open(bob)
    await ann.sees("half a thought")
    await ann.tab.until("() => find('textbox', 'Message').value === ''")


async def test_a_chat_is_archived_from_its_menu_and_taken_back(
    alone: tuple[Somebody, Correspondent],
) -> None:
    ann, bob = alone
    await bob.say("hello")
    await ann.sees("hello")
    await ann.open()
    await ann.tab.click("button", "Chat options for Bob")
    await ann.tab.sees("menuitem", "Archive")
    await ann.tab.keys("a")
    await ann.tab.focuses("Archive")
    await ann.tab.keys("Enter")
    await ann.tab.focuses("Undo")
    await ann.tab.reads("Archived (1)")
    await ann.tab.keys("Enter")
    await ann.tab.until("() => document.activeElement.matches('a.row')")
