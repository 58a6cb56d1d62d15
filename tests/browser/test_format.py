"""Formatting as people type it: what the two of them see, hear and copy. Its rules: gateway/tests/js."""

from typing import Any

from playwright.async_api import Page, expect

from tests.axe import no_violations
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.modules import PageModules
from tests.browser.test_chat_changes import post

INLINE = "*Bold*, _italic_, ~~gone~~ and `code`: *https://example.com/a_b*, snake_case, 2*3*4 ^_^"
BLOCKS = "> quoted\n> *twice*\nSteps:\n\n1. one\n3. three\n   - inner\n\n```js\nlet long = `{}`;\n```"
LONG = f"```\n{'x' * 300}\n```"
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


async def write(somebody: Chatter, *texts: str) -> None:
    for text in texts:
        await somebody.box.fill(text)
        await somebody.button("Send").click()


async def copied(page: Page, select: str) -> str:
    """What is pasted after what `select` selects was copied."""
    box = page.get_by_role("textbox", name="Message")
    await page.evaluate(select)
    await page.keyboard.press("Control+C")
    await box.fill("")
    await box.press("Control+V")
    return await box.input_value()


async def test_both_see_the_formatting_and_none_of_its_markers(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    await write(ann, INLINE, BLOCKS)
    for somebody in pair:
        line, block = somebody.bubbles.nth(0), somebody.bubbles.nth(1)
        await expect(line).to_have_text(
            "Bold, italic, gone and code: https://example.com/a_b, snake_case, 2*3*4 ^_^"
        )
        await expect(line.locator("strong").first).to_have_text("Bold")
        await expect(line.locator("em")).to_have_text("italic")
        await expect(line.locator("s")).to_have_text("gone")
        await expect(line.locator("code")).to_have_text("code")
        link = line.locator("strong").get_by_role("link", name="https://example.com/a_b")
        await expect(link).to_have_attribute("href", "https://example.com/a_b")
        assert await block.text_content() == "quoted\ntwice\nSteps:\n\none\nthree\ninner\n\nlet long = `{}`;"
        await expect(block.locator("blockquote strong")).to_have_text("twice")
        assert await block.locator("ol > li").evaluate_all("nodes => nodes.map((node) => node.value)") == [
            1,
            3,
        ]
        await expect(block.get_by_role("list").get_by_role("list").get_by_role("listitem")).to_have_text(
            "inner"
        )
        await expect(block.locator("pre code")).to_have_text("let long = `{}`;")
    assert await ann.stored_with(bob) == [INLINE, BLOCKS]
    await expect(bob.row(ann)).to_contain_text("> quoted > twice Steps: 1. one")
    await write(bob, INLINE)
    await expect(ann.row(bob)).to_contain_text(
        "Bold, italic, gone and code: https://example.com/a_b, snake_case"
    )


async def test_a_message_is_copied_as_it_was_typed(pair: tuple[Chatter, Chatter]) -> None:
    ann, _ = pair
    await write(ann, INLINE, BLOCKS, "plain", "*ok*")
    await expect(ann.bubbles).to_have_count(4)
    contents = "getSelection().selectAllChildren(document.querySelectorAll('.bubble')[{}])"
    assert await copied(ann.page, contents.format(0)) == INLINE
    assert await copied(ann.page, contents.format(1)) == BLOCKS
    assert await copied(ann.page, contents.format(2)) == "plain"
    part = "getSelection().selectAllChildren(document.querySelector('.bubble strong'))"
    assert await copied(ann.page, part) == "Bold"
    every = await copied(ann.page, "getSelection().selectAllChildren(document.querySelector('#messages'))")
    assert all(text in every for text in (INLINE, BLOCKS, "plain", "*ok*"))
    assert every.count("ok") == 1


async def test_a_message_looks_formatted_on_a_phone_and_never_widens_it_or_the_paper(
    chatter: MakeChatter,
) -> None:
    for scheme in ("light", "dark"):
        ann, bob = await chatter("Ann", color_scheme=scheme, **PHONE), await chatter("Bob")
        await ann.open(bob)
        await bob.open(ann)
        await write(ann, LONG)
        await write(bob, INLINE, BLOCKS, LONG, "> שלום `foo()` _עולם_\n> - אחת\n\n1. ראשון", "*😀*")
        await expect(ann.bubbles).to_have_count(6)
        assert await ann.page.evaluate("document.documentElement.scrollWidth") == PHONE["viewport"]["width"]
        assert await ann.log.evaluate("log => log.scrollWidth === log.clientWidth")
        code = ann.log.locator("pre").first
        assert await code.evaluate("node => node.scrollWidth > node.clientWidth")
        quote = ann.log.locator("blockquote").last
        assert await quote.evaluate("node => getComputedStyle(node).direction") == "rtl"
        await no_violations(ann.page)
    await ann.page.emulate_media(media="print")
    assert await code.evaluate("node => node.scrollWidth === node.clientWidth")


async def test_the_focus_stays_with_a_message_whose_list_is_edited(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    await write(bob, "- https://example.com")
    await ann.bubbles.first.get_by_role("link").focus()
    await post(bob, ann, "events", kind="edit", body={"target": 1, "text": "- *nothing*"})
    await expect(ann.bubbles.first.get_by_role("listitem").locator("strong")).to_have_text("nothing")
    await expect(ann.messages.first.get_by_role("button", name="Message actions")).to_be_focused()


async def test_what_is_drawn_stays_until_it_changes(page_modules: PageModules) -> None:
    body = """return a.map(([before, after]) => {
        const node = document.createElement("div");
        node.append(...m.formatted(before));
        return [m.sourceOf(node) === before, m.sourceOf(node) === after];
    });"""
    changes = [["*a*", "**a**"], ["*a*", "a"], ["a", "*a*"], ["https://a.example", "*a*"], ["- a", "- a\n"]]
    assert await page_modules.run("lib/format_nodes", body, *changes) == [[True, False]] * len(changes)


async def test_hostile_formatting_is_shown_as_the_text_it_is(page_modules: PageModules) -> None:
    body = """return a.map((text) => {
        const node = document.createElement("div");
        node.append(...m.formatted(text));
        return [node.textContent, node.querySelectorAll("img, script, a").length];
    });"""
    hostile = ["*<img src=x onerror=pwned()>*", "`<script>pwned()</script>`", "*javascript:pwned()*"]
    shown = await page_modules.run("lib/format_nodes", body, *hostile)
    assert shown == [[text[1:-1], 0] for text in hostile]
