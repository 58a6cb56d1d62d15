"""The tic-tac-toe page by accessible names, as a person finds its parts."""

from playwright.async_api import Locator, Page, expect

MOVE = "**/api/tictactoe/move"


class Table:
    """The page as a person sees it: everything by its accessible name."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.status = page.get_by_role("status")
        self.board = page.get_by_role("group", name="Board")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def cell(self, cell: int, holds: str = "empty") -> Locator:
        return self.button(f"Row {cell // 3 + 1}, column {cell % 3 + 1}, {holds}")

    async def seat(self, side: str, who: str) -> None:
        await self.page.get_by_label(f"{side} is").select_option(who)

    async def take(self, *cells: int) -> None:
        for cell in cells:
            await self.cell(cell).click()

    async def shows(self, board: str) -> None:
        """Waits until the nine cells hold these nine characters."""
        for cell, stone in enumerate(board):
            await expect(self.cell(cell, "empty" if stone == "." else stone)).to_be_visible()

    async def score(self, x_wins: int, draws: int, o_wins: int) -> None:
        await expect(self.page.locator("dd")).to_have_text([str(x_wins), str(draws), str(o_wins)])
