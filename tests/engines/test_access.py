"""The pages by keyboard and for a screen reader, in Firefox and in WebKit."""

from axe_playwright_python.base import AXE_SCRIPT

from shared.testing.product import Product
from tests.axe import SETTLE
from tests.correspondent import Correspondent
from tests.engines.conftest import MakeSomebody, MakeTab
from tests.engines.somebody import Somebody
from tests.engines.tab import Tab

_AXE = """async () => {
  const { violations } = await axe.run({ resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) => [id, ...nodes.map((node) => `${node.html} ${node.failureSummary}`)]);
}"""
_RING = "() => getComputedStyle(document.activeElement).outlineStyle !== 'none'"


async def no_violations(tab: Tab) -> None:
    """axe, by this engine's own names, roles and colours, finds nothing."""
    if not await tab.call(SETTLE):
        await tab.call(f"() => {{ {AXE_SCRIPT} }}")
    assert await tab.call(_AXE) == []


async def test_the_board_is_one_tab_stop_and_plays_by_keyboard_alone(product: Product, tab: MakeTab) -> None:
    table = await tab()
    await table.goto(f"{product.url}/tictactoe")
    await table.call("() => find('combobox', 'O is').focus()")
    await table.keys("Tab")
    for key, row, column in [("ArrowRight", 1, 2), ("ArrowDown", 2, 2), ("ArrowLeft", 2, 1), ("End", 3, 3)]:
        await table.keys(key)
        await table.focuses(f"Row {row}, column {column}, empty")
        assert await table.call(_RING)
    await table.keys("Enter")
    await table.sees("button", "Row 2, column 2, O")
    await table.focuses("Row 3, column 3, X")
    await table.keys("Tab")
    await table.focuses("New game")
    await no_violations(table)


async def test_a_chat_and_a_game_need_no_mouse(somebody: MakeSomebody) -> None:
    bob, ann = await somebody("Bob"), await somebody("Ann")  # the last window has WebKit's focus
    await bob.open()
    await ann.open()
    await ann.tab.call("() => find('button', 'New chat').focus()")
    await ann.tab.keys("Enter")
    await ann.tab.focuses("Search people")
    await ann.tab.keys("Escape")
    await ann.tab.focuses("New chat")
    await ann.tab.keys("Enter", bob.username)
    await ann.tab.until("() => document.querySelectorAll('[role=option]').length === 1")
    await ann.tab.keys("Enter")
    await ann.tab.until("() => document.activeElement.id === 'message'")
    await ann.tab.keys("Hello", "Enter")
    await ann.sees("Hello")
    await bob.open(ann)
    await ann.tab.call("() => find('button', 'Game').focus()")
    await ann.tab.keys("Enter")
    await ann.tab.sees("button", "Offer game")
    await ann.tab.call("() => find('button', 'Offer game').focus()")
    await ann.tab.keys("Enter")
    await bob.tab.sees("button", "Accept game")
    await bob.tab.call("() => find('button', 'Accept game').focus()")
    await bob.tab.keys("Enter")
    await ann.tab.reads("Your move.")  # the cells are there while it is offered, too
    await ann.tab.until("() => !document.querySelector('[data-fresh]')")
    await ann.tab.call("() => find('button', 'Row 1, column 1, empty').focus()")
    await ann.tab.keys("ArrowRight", "ArrowDown", "Enter")
    await bob.tab.until(
        "() => document.getElementById('game-news').innerText.includes('Ann takes row 2, column 2.')"
    )
    await ann.tab.focuses("Row 2, column 2, X")
    assert await ann.tab.call(_RING)


async def test_no_page_violates_axe(
    alone: tuple[Somebody, Correspondent], product: Product, tab: MakeTab
) -> None:
    stranger = await tab()
    for path in ("/login", "/signup"):
        await stranger.goto(product.url + path)
        await no_violations(stranger)
    ann, bob = alone
    await bob.say("hello https://example.org", "😀")
    await ann.sees("hello https://example.org", "😀")
    await no_violations(ann.tab)
    await ann.tab.click("button", "New chat")
    await ann.tab.until("() => document.querySelectorAll('[role=option]').length > 0")
    await no_violations(ann.tab)
    await ann.tab.goto(f"{product.url}/settings")
    await ann.tab.reads("this device")
    await no_violations(ann.tab)
