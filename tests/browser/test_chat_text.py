"""Words and names as readers see them: which way they run, where they end, whose they are."""

from typing import Any

from playwright.async_api import Locator, expect

from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.pictures import look_alike, still
from tests.browser.player import Player
from tests.conftest import MakeCorrespondent

STACK = "\u0301\u0316" * 12

# Where these characters are first drawn, in the text of a node and what is below it; both at one moment. Null once the
# page has put another node in its place: the old one is nowhere.
PLACES = """(root, wanted) => !root.isConnected ? null : wanted.map((characters) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.data.indexOf(characters);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + characters.length);
        const { left, right } = range.getBoundingClientRect();
        return [left, right];
    }
    return null;
})"""


async def runs(part: Locator, first: str, then: str) -> str:
    """ "right" when `then` stands to the right of `first`, else "left"."""
    places = None
    while places is None:
        places = await part.evaluate(PLACES, [first, then])
    one, other = places
    return "right" if one[1] < other[0] + 1 else "left" if other[1] < one[0] + 1 else f"{one} {other}"


async def test_each_line_of_a_message_finds_its_own_direction(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    await ann.box.fill("שלום Bob!\nThis is English, ok?\nمرحبا 1)")
    await ann.button("Send").click()
    bubble = bob.bubbles.first
    await expect(bubble).to_contain_text("English")
    for somebody in (ann, bob):
        bubble = somebody.bubbles.first
        assert await runs(bubble, "שלום", "Bob") == "left"
        assert await runs(bubble, "Bob", "!") == "left"
        assert await runs(bubble, "ok", "?") == "right"
        assert await runs(bubble, "مرحبا", ")") == "left"
        preview = somebody.inbox.locator(".row-text")
        await expect(preview).to_contain_text("1)")
        assert await runs(preview, "Bob", "!") == "left"
        assert await runs(preview, "ok", "?") == "right"
        assert await runs(preview, "مرحبا", ")") == "left"
    assert await runs(ann.row(bob).locator(".row-text"), "You:", "שלום") == "left"
    assert await runs(bob.row(ann).locator(".row-text"), "שלום", "Bob") == "left"


async def test_a_name_keeps_its_direction_to_itself(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("דנה (x)!", ann)
    await ann.open(bob)
    notice = ann.page.locator("#log-notice")
    assert await runs(notice, "hello to", "!") == "right"
    assert await runs(notice, "!", "דנה") == "right"
    await bob.say("hello")
    await ann.sees("hello")
    for part in (
        ann.page.locator("#peer-name"),
        ann.log.locator(".sender"),
        ann.row(bob).locator(".row-name"),
    ):
        assert await runs(part, "דנה", "x") == "left"
        assert await runs(part, "x", "!") == "left"
    await Player(ann).begin(bob, x="peer", o="me")
    status = Player(ann).status
    await expect(status).to_contain_text("is to move")
    assert await runs(status, "!", "is to move") == "right"
    await ann.button("New chat").click()
    await ann.page.get_by_label("Search people").fill(bob.username)
    name = ann.page.get_by_role("option").locator(".person-name")
    await expect(name).to_have_count(1)
    assert await runs(name, "x", "!") == "left"


async def test_marks_that_stack_stay_with_their_letter(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent(f"Z{STACK}", ann)
    await ann.open(bob)
    await bob.say("before", f"Z{STACK}", "after")
    await expect(ann.bubbles).to_have_count(3)
    await ann.page.mouse.move(0, 0)
    blank = await ann.context.new_page()
    await ann.page.bring_to_front()
    day, row = ann.log.locator(".day"), ann.inbox.get_by_role("link")
    async with still(ann.page):
        for marks, neighbours in [
            (ann.bubbles.nth(1), [ann.bubbles.nth(0), ann.bubbles.nth(2)]),
            (ann.log.locator(".sender").first, [ann.bubbles.nth(0), day]),
            (ann.page.locator("#log-notice"), [day]),
            (row.locator(".name"), [row.locator(".row-text")]),
        ]:
            before = [await part.screenshot() for part in neighbours]
            await marks.evaluate("(node) => node.replaceChildren('Z')")
            after = [await part.screenshot() for part in neighbours]
            for one, other in zip(before, after, strict=True):
                assert await look_alike(blank, one, other), marks
    await bob.post("games")
    for part in (
        ".game-terms > p",
        "#offer-words",
        "#people-status",
    ):  # which hold names and words of others, too
        await expect(ann.page.locator(part).first).to_have_css("overflow", "clip")


async def test_two_people_of_one_name_can_be_told_apart(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    names = ("Bob Lee", "ＢＯＢ  lee\u2800", "Carl", "Ann")
    one, two, third, namesake = [await correspondent(name, ann) for name in names]
    for peer in (one, two, third, namesake):
        await peer.say(f"from {peer.username}")
    await ann.open(one)
    for peer in (one, two):
        row = ann.inbox.get_by_role("link").filter(has_text=f"@{peer.username}")
        await expect(row).to_contain_text(f"from {peer.username}")
    await expect(ann.row(third)).not_to_contain_text("@")
    await expect(ann.page.locator(".bar .peer")).to_contain_text(f"@{one.username}")
    await ann.open(namesake)
    await ann.say("hello")
    senders: Any = ann.log.locator(".sender")
    await expect(senders).to_have_text([f"Ann @{namesake.username}", f"Ann @{ann.username}"])
    await Player(ann).begin(namesake, x="peer", o="me")
    await expect(Player(ann).seat("X")).to_contain_text(f"@{namesake.username}")
    await expect(Player(ann).status).to_contain_text(f"Ann @{namesake.username} is to move")
