"""The tic-tac-toe page, whose parts are found by accessible name, as people find them."""

from playwright.async_api import Locator, Page, expect

MOVE = "**/api/tictactoe/move"
ANY = "**/api/tictactoe/*"


class Table:
    """The page as a person sees it: everything by its accessible name. columns: of its board."""

    def __init__(self, page: Page, columns: int = 3) -> None:
        self.page = page
        self.columns = columns
        self.status = page.get_by_role("status")
        self.board = page.get_by_role("group", name="Board")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def cell(self, cell: int, holds: str = "empty") -> Locator:
        return self.button(f"Row {cell // self.columns + 1}, column {cell % self.columns + 1}, {holds}")

    async def seat(self, side: str, who: str) -> None:
        await self.page.get_by_label(f"{side} is").select_option(who)

    async def choose(self, game: str) -> None:
        await self.page.get_by_label("Game", exact=True).select_option(game)

    async def take(self, *cells: int) -> None:
        for cell in cells:
            await self.cell(cell).click()

    async def shows(self, board: str) -> None:
        """Waits until the cells hold these characters."""
        for cell, stone in enumerate(board):
            await expect(self.cell(cell, "empty" if stone == "." else stone)).to_be_visible()

    async def score(self, x_wins: int, draws: int, o_wins: int) -> None:
        await expect(self.page.locator("dd")).to_have_text([str(x_wins), str(draws), str(o_wins)])
