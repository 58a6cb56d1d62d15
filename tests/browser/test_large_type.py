"""Large type, zoom, narrow windows and wide spacing: nothing is cut, overlaps, or has to be scrolled sideways."""

import asyncio
from typing import Any, Self

from playwright.async_api import CDPSession, Page, expect

from shared.testing.product import Product
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.player import Player
from tests.browser.table import Table
from tests.conftest import MakeCorrespondent

# WCAG 1.4.12, as a reader's own style sheet.
SPACING = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }"""

# Width and height, the browser's font size, the reader's sheet: WCAG 1.4.4, 1.4.10 and 1.4.12.
WAYS: dict[str, tuple[int, int, int, str]] = {
    "font of 32 px": (1280, 800, 32, ""),
    "font of 32 px on a phone": (390, 844, 32, ""),
    "spacing": (1280, 800, 16, SPACING),
    "zoom of 200 %": (640, 400, 16, ""),
    "spacing at 320 px": (320, 640, 16, SPACING),
}
NARROWEST = "spacing at 320 px"

# What of the page's words is cut, covered by others, or beside the window. Not an excerpt.
FAULTS = """() => {
    const faults = [];
    const root = document.querySelector("dialog:modal, :popover-open") ?? document.body;
    if (document.documentElement.scrollWidth > innerWidth) faults.push("the page scrolls sideways");
    const lines = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const excerpts = ".row-text, .composer-excerpt, .quote-text";
    const apart = `${excerpts}, .visually-hidden, .sprite, .skip-link, select, textarea, script, noscript`;
    const isApart = (node) => node.closest(apart) || getComputedStyle(node).clipPath !== "none";
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const parent = node.parentElement;
        if (!node.data.trim() || isApart(parent) || !parent.checkVisibility({visibilityProperty: true})) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const rect of range.getClientRects()) {
            const said = `"${node.data.trim().slice(0, 40)}" (${parent.className || parent.localName})`;
            let {left, right, top, bottom} = rect;
            if (right - left < 2) continue;
            const slack = (bottom - top) * 0.2;
            let seen = true;
            for (let box = parent; box && box !== document.documentElement; box = box.parentElement) {
                const style = getComputedStyle(box);
                if (style.display === "contents" || style.display === "inline") continue;
                const edge = box.getBoundingClientRect();
                const cuts = (overflow) => overflow === "hidden" || overflow === "clip";
                const rolls = (overflow) => overflow === "auto" || overflow === "scroll";
                if (rolls(style.overflowY)) {
                    if (top < edge.top - 1 || bottom > edge.bottom + 1) seen = false;
                    if (box.scrollWidth > box.clientWidth + 1) faults.push(`${said} scrolls sideways`);
                }
                if (!seen) break;
                if (cuts(style.overflowX) && (left < edge.left - 2 || right > edge.right + 2))
                    faults.push(`${said} is cut sideways by ${box.className}`);
                if (cuts(style.overflowY) && (top < edge.top - slack || bottom > edge.bottom + slack))
                    faults.push(`${said} is cut by ${box.className}`);
            }
            if (!seen) continue;
            if (left < -1 || right > innerWidth + 1) faults.push(`${said} is beside the window`);
            lines.push({left, right, top, bottom, said});
        }
    }
    lines.forEach((one, index) => {
        for (const other of lines.slice(index + 1)) {
            const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
            const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
            const least = Math.min(one.bottom - one.top, other.bottom - other.top);
            if (wide > 3 && high > least * 0.4) faults.push(`${one.said} and ${other.said} overlap`);
        }
    });
    for (const field of root.querySelectorAll("input:not([type=checkbox], [type=radio]), select, textarea")) {
        if (field.checkVisibility() && field.clientHeight < parseFloat(getComputedStyle(field).fontSize) * 1.2)
            faults.push(`the field ${field.id} is too low for its words`);
    }
    return [...new Set(faults)];
}"""


OVER = """() => document.querySelector("dialog:modal, :popover-open")?.id"""
ADOPT = """(text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = [sheet];
}"""
DRAWN = """document.fonts.ready.then(async () => {
    for (const _ of [1, 2]) await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
})"""


class Reader:
    """Somebody who reads a page in every way, and uses it in the last and narrowest."""

    def __init__(self, page: Page, browser: CDPSession) -> None:
        self.page = page
        self.browser = browser

    @classmethod
    async def of(cls, page: Page) -> Self:
        browser = await page.context.new_cdp_session(page)
        await browser.send("Page.enable")
        reader = cls(page, browser)
        await reader.read(NARROWEST)
        return reader

    async def read(self, way: str) -> None:
        width, height, font, sheet = WAYS[way]
        await self.page.set_viewport_size({"width": width, "height": height})
        await self.browser.send("Page.setFontSizes", {"fontSizes": {"standard": font, "fixed": font}})
        await self.page.evaluate(ADOPT, sheet)
        await self.page.evaluate(DRAWN)

    async def finds_whole(self, what: str) -> None:
        """The state in which the page is, in every way."""
        over = await self.page.evaluate(OVER)
        for way in WAYS:
            await self.read(way)
            assert await self.page.evaluate(OVER) == over, f"{what}, {way}"
            await self.finds_whole_so(what, way)

    async def finds_whole_so(self, what: str, way: str) -> None:
        found = await self.page.evaluate(FAULTS)
        assert not found, f"{what}, {way}: {found}"


async def test_pages_for_everybody_are_whole(product: Product, page: Page) -> None:
    reader = await Reader.of(page)
    for path, button in (("/login", "Log in"), ("/signup", "Sign up")):
        await page.goto(product.url + path)
        await reader.finds_whole(path)
        await page.get_by_role("button", name=button).click()
        await expect(page.get_by_label("Username")).to_be_focused()
        await reader.finds_whole(f"{path} with problems")
    for path in ("/api/docs", "/messages/nobody-is-called-that", "/tictactoe"):
        await page.goto(product.url + path)
        await reader.finds_whole(path)
    for query in (
        "game=15x15x5&moves=h8i9h7i8",
        "game=7x7x4",
        "game=ultimate&moves=d5b5",
        "moves=a1b1a2b2a3",
    ):
        await page.goto(f"{product.url}/tictactoe?{query}")
        await reader.finds_whole(query)
    await page.get_by_role("button", name="Share").click()
    for query in ("moves=a1b1", "game=6x6x4&moves=a1b1"):
        await page.goto(f"{product.url}/tictactoe?{query}")
        await page.get_by_role("switch", name="Analysis").check()
        await expect(Table(page).status).to_contain_text("Best")
        await reader.finds_whole(f"{query} with analysis")


async def test_the_chat_is_whole(chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann"), await chatter("Bob")
    page = ann.page
    reader = await Reader.of(page)
    await ann.open()
    await expect(page.get_by_text("No chats yet")).to_be_visible()
    await reader.finds_whole("the empty inbox")
    await bob.open(ann)
    await bob.say("Hello Ann", "What about tonight? https://en.wikipedia.org/wiki/Tic-tac-toe")
    await expect(ann.row(bob)).to_contain_text("tonight")
    await reader.finds_whole("the inbox")
    await ann.button("New chat").click()
    await expect(page.get_by_role("option").first).to_be_visible()
    await reader.finds_whole("the people")
    await ann.open(bob)
    await ann.box.fill("At eight")
    await ann.button("Send").click()
    await expect(ann.messages).to_have_count(3)
    await reader.finds_whole("the thread")
    await changes_are_whole(ann, reader)
    await search_is_whole(ann, reader)
    await game_is_whole(ann, bob, reader)
    await page.goto(f"{ann.url}/settings")
    await expect(page.get_by_text("this device", exact=True)).to_be_visible()
    await reader.finds_whole("the settings")


async def changes_are_whole(ann: Chatter, reader: Reader) -> None:
    """A message's menu and its dialogs, a quote, reactions, an edit and a deletion."""
    page = ann.page
    await ann.message("Hello Ann").locator(".bubble").dblclick()
    await ann.choose("tonight", "Reply")
    await reader.finds_whole("an answer")
    await ann.box.fill("Gladly")
    await ann.button("Send").click()
    for way in WAYS:  # it closes where another size takes its button out of sight
        await page.keyboard.press("Escape")
        await reader.read(way)
        await page.get_by_role("button", name="Message actions").last.press("Enter")
        await expect(page.get_by_role("menu")).to_be_visible()
        await reader.finds_whole_so("the menu", way)
    await page.get_by_role("menuitem", name="Edit").click()
    await ann.box.fill("Gladly!")
    await reader.finds_whole("an edit")
    await ann.button("Send").click()
    await ann.button("edited").click()
    await expect(page.locator(".past-text")).to_have_count(2)
    await reader.finds_whole("earlier versions")
    await page.keyboard.press("Escape")
    await ann.choose("Gladly!", "React")
    await expect(page.get_by_role("button", name="grinning face").first).to_be_visible()
    await reader.finds_whole("the emoji")
    await page.keyboard.press("Escape")
    await ann.choose("Gladly!", "Delete")
    await reader.finds_whole("the question")
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(ann.button("Undo")).to_be_visible()
    await reader.finds_whole("a deletion")


async def search_is_whole(ann: Chatter, reader: Reader) -> None:
    """The dialog with and without hits, and the bar that leads from one to the next."""
    page = ann.page
    await page.keyboard.press("Control+k")
    words = page.get_by_label("Words to search for")
    await words.fill("nothing like this")
    await expect(page.get_by_text("No messages found for")).to_be_visible()
    await reader.finds_whole("a search without hits")
    hits = page.get_by_role("list", name="Messages found").get_by_role("link")
    async with asyncio.timeout(30):
        while not await hits.count():  # the index takes a message in within two seconds
            await words.fill("")
            async with page.expect_response("**/api/search?*"):
                await words.fill("hello")
            await expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("found")
    await reader.finds_whole("a search")
    await hits.first.click()
    await expect(page.get_by_role("group", name="Search results")).to_be_visible()
    over = page.locator(".jumps")  # it lies over the log, which scrolls
    await over.evaluate("node => { node.style.display = 'none' }")
    await reader.finds_whole("the bar of a search")
    await over.evaluate("node => { node.style.display = '' }")
    await page.keyboard.press("Escape")


async def game_is_whole(ann: Chatter, bob: Chatter, reader: Reader) -> None:
    """One in Ann's thread with Bob, from the offer to the list of past games."""
    page, me, other = ann.page, Player(ann), Player(bob)
    await ann.button("Game").click()
    await page.get_by_role("dialog").get_by_label("Game", exact=True).select_option("size")
    await reader.finds_whole("the dialog of an offer")
    await page.keyboard.press("Escape")
    clock = {"initial_s": 300, "increment_s": 0}
    offer: Any = await other.call(f"/threads/{ann.username}/games", {"clock": clock})
    await expect(me.button("Accept game")).to_be_visible()
    await reader.finds_whole("an offer")

    async def act(player: Player, **command: Any) -> None:
        await player.call(f"/games/{offer['game']['id']}/commands", command)

    await act(me, do="accept")
    await act(other, do="move", cell=4, ply=0)
    await act(other, do="draw", answer="offer")
    await expect(me.button("Accept draw")).to_be_visible()
    await reader.finds_whole("an offer of a draw")
    await act(me, do="resign")
    await expect(me.button("Rematch")).to_be_visible()
    await reader.finds_whole("a game that is over")
    await ann.button("Game").click()
    await ann.button("Past games").click()
    await expect(page.get_by_role("link", name="Replay").last).to_be_visible()
    await reader.finds_whole("past games")


async def test_no_name_makes_a_thread_scroll_sideways(chatter: MakeChatter) -> None:
    ann = await chatter("ann", display_name="Wolfeschlegelsteinhausenbergerdorff")
    bob = await chatter("bob", display_name="Donaudampfschifffahrtsgesellschaftskapitän")
    reader = await Reader.of(ann.page)
    await bob.open(ann)
    await bob.say("hello")
    await ann.open(bob)
    await ann.box.fill("hello")
    await ann.button("Send").click()
    await Player(bob).call(f"/threads/{ann.username}/games", {})
    await expect(Player(ann).button("Accept game")).to_be_visible()
    await ann.button("Game").click()
    await expect(ann.page.get_by_role("dialog")).to_be_visible()
    rolls = "(node) => node.scrollWidth > node.clientWidth"
    for way in ("font of 32 px on a phone", "spacing at 320 px"):
        await reader.read(way)
        assert await ann.log.evaluate(rolls) is False, way
        assert await ann.page.get_by_role("dialog").evaluate(rolls) is False, way


async def test_on_the_narrowest_screen_the_longest_name_leaves_the_page_to_the_messages(
    chatter: MakeChatter,
    correspondent: MakeCorrespondent,
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Wilhelmina " * 5, ann)
    await ann.page.set_viewport_size({"width": 320, "height": 568})
    await ann.open(bob)
    await expect(ann.page.get_by_role("heading", name="Wilhelmina")).to_be_visible()
    bar = await ann.page.locator(".thread .bar").bounding_box()
    assert bar is not None
    assert bar["height"] < 568 / 8
