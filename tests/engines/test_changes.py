"""Messages that are there are changed, in Firefox and in WebKit."""

from tests.engines.somebody import Somebody


async def choose(somebody: Somebody, action: str) -> None:
    """From the menu of the first message."""
    await somebody.tab.click("button", "Message actions")
    await somebody.tab.click("menuitem", action)


async def test_a_message_is_edited_reacted_to_answered_and_deleted(pair: tuple[Somebody, Somebody]) -> None:
    ann, bob = pair
    await ann.say("one")
    await bob.sees("one")
    await ann.tab.until("() => Boolean(document.querySelector('.message .state:not(.sending)'))")
    await ann.tab.keys("ArrowUp")
    await ann.tab.reads("Editing")
    await ann.tab.keys(", mended", "Enter")
    await bob.sees("one, mended")
    await bob.tab.click("button", "edited")
    await bob.tab.reads("Earlier versions")
    await bob.tab.keys("Escape")
    await bob.tab.focuses("edited")
    await choose(bob, "React")
    await bob.tab.focuses("Search emoji")
    await bob.tab.reads("😀")
    await bob.tab.keys("party pop", "Enter")
    await ann.tab.sees("button", "🎉, Bob")
    await choose(bob, "Reply")
    await bob.tab.reads("Replying to Ann")
    await bob.tab.keys("I see", "Enter")
    await ann.sees("one, mended", "I see")
    await ann.tab.click("button", "Go to the message from Ann: one, mended")
    await ann.tab.until("() => document.activeElement.matches('li.message')")
    await choose(ann, "Delete")
    await ann.tab.click("button", "Delete")
    await ann.tab.focuses("Undo")
    await ann.sees("Message deleted", "I see")
    await bob.sees("Ann deleted this message", "I see")
    for each in pair:
        await each.tab.sees("button", "Go to the message from Ann: Message deleted")
