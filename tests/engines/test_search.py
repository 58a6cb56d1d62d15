"""A message of long ago is found and shown, in Firefox and in WebKit."""

from shared.testing.long_thread import write_long
from shared.testing.product import Product
from tests.correspondent import Correspondent
from tests.engines.somebody import Somebody

FOCUSED = "(text) => document.activeElement.matches('li.message') && document.activeElement.innerText.includes(text)"
AT_END = "(text) => [...document.querySelectorAll('#messages .bubble')].at(-1)?.innerText.includes(text)"


async def test_words_lead_to_a_message_of_long_ago_and_escape_leads_back(
    product: Product, alone: tuple[Somebody, Correspondent]
) -> None:
    ann, bob = alone
    await write_long(product, ann.username, bob.username, 1000, told={40: "the Café by the sea", 500: "café"})
    await ann.open(bob)
    await ann.tab.until(AT_END, "message 1000")
    await ann.tab.click("button", "Search messages")
    await ann.tab.focuses("Words to search for")
    await ann.tab.keys("cafe")
    await ann.tab.reads("2 messages found")
    await ann.tab.keys("ArrowDown", "Enter")
    await ann.tab.until(FOCUSED, "message 0500")
    await ann.tab.keys("F3")
    await ann.tab.until(FOCUSED, "by the sea")
    await ann.tab.keys("Escape")
    await ann.tab.until(AT_END, "message 1000")
