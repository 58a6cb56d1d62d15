"""Tic-tac-toe alone and inside a thread, in Firefox and in WebKit."""

import pytest_asyncio

from shared.testing.product import Product
from tests.engines.conftest import MakeTab
from tests.engines.somebody import Somebody
from tests.engines.tab import Tab

_STATUS = "(text) => document.querySelector('#status, .game-status').innerText.includes(text)"
_CHOOSE = """(label, value) => {
  const select = find("combobox", label);
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}"""


def cell(number: int, holds: str) -> str:
    """Its name."""
    return f"Row {number // 3 + 1}, column {number % 3 + 1}, {holds}"


async def take(tab: Tab, *cells: int) -> None:
    for number in cells:
        await tab.click("button", cell(number, "empty"))


async def says(tab: Tab, text: str) -> None:
    """Waits for the game's status line."""
    await tab.until(_STATUS, text)


@pytest_asyncio.fixture(loop_scope="session")
async def table(product: Product, tab: MakeTab) -> Tab:
    """The page that needs no account."""
    opened = await tab()
    await opened.goto(f"{product.url}/tictactoe")
    return opened


async def test_a_stranger_plays_the_ai_takes_back_and_asks_for_a_hint(table: Tab) -> None:
    await take(table, 0)
    await table.sees("button", cell(4, "O"))
    await says(table, "O takes the centre. Your turn.")
    await table.click("button", "Undo")
    await table.sees("button", cell(4, "empty"))
    await table.click("button", "Hint")
    await says(table, "Best")


async def test_two_at_one_board_play_to_a_win_that_is_counted_over_a_reload(table: Tab) -> None:
    await table.call(_CHOOSE, "O is", "you")
    await take(table, 0, 3, 1, 4, 2)
    await says(table, "X wins with the top row.")
    await table.reload()
    await table.until("() => document.querySelector('[data-score=X]').innerText === '1'")


async def test_a_game_in_a_thread_is_offered_accepted_won_and_asked_for_again(
    pair: tuple[Somebody, Somebody],
) -> None:
    ann, bob = pair
    await ann.tab.click("button", "Game")
    await ann.tab.click("button", "Offer game")
    await bob.tab.click("button", "Accept game")
    for player, number in ((ann, 4), (bob, 0), (ann, 3), (bob, 8)):
        await says(player.tab, "Your move.")
        await take(player.tab, number)
    await says(ann.tab, "Your move.")
    await ann.tab.reload()
    await ann.tab.sees("button", cell(8, "O"))
    await take(ann.tab, 5)
    await says(ann.tab, "You win with the middle row.")
    await says(bob.tab, "Ann wins with the middle row.")
    await bob.tab.click("button", "Rematch")
    await says(ann.tab, "Bob wants a rematch.")
