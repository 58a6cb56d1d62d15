"""Two people play inside their thread, in two browsers."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.player import Player, play


@pytest.fixture
def players(pair: tuple[Chatter, Chatter]) -> tuple[Player, Player]:
    ann, bob = pair
    return Player(ann), Player(bob)


async def test_a_game_is_offered_accepted_won_and_played_again(
    players: tuple[Player, Player], chatter: MakeChatter
) -> None:
    ann, bob = players
    await ann.chatter.say("Fancy a game?")
    await ann.offer(Clock="180+2")
    await expect(ann.status).to_have_text("Waiting for Bob to answer.")
    await expect(bob.status).to_have_text("Ann offers you a game.")
    await expect(bob.card).to_contain_text("3 min + 2 s a move, takebacks allowed.")
    await bob.press("Accept game")
    tablet = Player(await chatter("Tablet"))
    await tablet.chatter.log_in_as(bob.chatter)
    await tablet.chatter.open(ann.chatter)
    await play((ann, 4), (bob, 0), (ann, 3), (tablet, 8))
    for somebody in (ann, bob, tablet):
        await somebody.shows("O..XX...O")
        await expect(somebody.card.locator(".last")).to_have_attribute("aria-label", "Row 3, column 3, O")
    await expect(bob.seat("O").get_by_role("timer")).to_have_text(re.compile(r"^[23]:\d\d$"))
    await ann.take(5)
    await expect(ann.status).to_have_text("You win with the middle row.")
    await expect(tablet.status).to_have_text("Ann wins with the middle row.")
    await expect(bob.card.locator(".won")).to_have_count(3)
    await expect(ann.card.locator(".game-score")).to_have_text("You 1 – 0 Bob")
    await bob.press("Rematch")
    await expect(ann.status).to_have_text("Bob wants a rematch.")
    await expect(ann.seat("X")).to_contain_text("Bob")
    await ann.press("Accept game")
    await expect(bob.status).to_have_text("Your move.")
    await expect(bob.over).to_contain_text("Ann wins with the middle row.")


async def test_a_board_of_a_size_of_ones_own_is_offered(players: tuple[Player, Player]) -> None:
    ann, bob = players
    await ann.offer(Game="size", Columns="4", Rows="5", In_a_row="4")
    await expect(bob.status).to_have_text("Ann offers you a game.")
    await expect(bob.card.locator(".game-name")).to_have_text("4 × 5, four in a row")
    await expect(bob.board.get_by_role("button")).to_have_count(4 * 5)


async def test_a_finished_game_can_be_looked_at_again(players: tuple[Player, Player]) -> None:
    ann, bob = players
    await ann.begin(bob)
    await play((ann, 0), (bob, 3), (ann, 1), (bob, 4), (ann, 2))
    await expect(ann.card.get_by_role("link", name="Replay")).to_be_visible()
    await ann.settled()
    async with ann.page.expect_popup() as opening:
        await ann.card.get_by_role("link", name="Replay").click()
    replay = await opening.value
    board = replay.get_by_role("group", name="Board")
    await expect(board.get_by_role("button", name="Row 1, column 3, X", exact=True)).to_be_visible()
    await expect(board.get_by_role("button", name="Row 2, column 2, O", exact=True)).to_be_visible()


async def test_a_move_is_taken_back_and_a_draw_agreed(players: tuple[Player, Player]) -> None:
    ann, bob = players
    await ann.begin(bob)
    await play((ann, 0), (bob, 4))
    await bob.press("Take back")
    await ann.press("Decline takeback")
    await expect(bob.button("Take back")).to_be_visible()
    await ann.press("Take back")
    await expect(bob.card).to_contain_text("Takeback asked")
    await bob.press("Accept takeback")
    for somebody in players:
        await somebody.shows(".........")
    await play((ann, 8))
    await bob.press("Offer draw")
    await ann.press("Decline draw")
    await ann.press("Offer draw")
    await ann.press("Withdraw draw offer")
    await expect(bob.button("Offer draw")).to_be_visible()
    await bob.press("Offer draw")
    await ann.press("Accept draw")
    for somebody in players:
        await expect(somebody.status).to_have_text("Draw by agreement.")
    await expect(ann.card.locator(".game-score")).to_have_text("You 0 – 0 Bob, 1 draw")


async def test_offers_that_come_to_nothing_leave_a_sentence(players: tuple[Player, Player]) -> None:
    ann, bob = players
    await ann.offer()
    await bob.press("Decline game")
    await expect(ann.chatter.log).to_contain_text("Bob declined a game of Tic-tac-toe.")
    await ann.offer(Game="misere")
    await expect(bob.button("Accept game")).to_be_visible()
    await ann.press("Withdraw offer")
    await expect(bob.chatter.log).to_contain_text("Ann took back the offer of Misère.")
    await expect(bob.card).to_have_count(0)


async def test_resigning_is_asked_about(players: tuple[Player, Player]) -> None:
    ann, bob = players
    await ann.begin(bob)
    await ann.take(4)
    await ann.press("Resign")
    question = ann.page.get_by_role("dialog", name="Resign this game?")
    await question.get_by_role("button", name="Play on").click()
    await expect(ann.status).to_have_text("Bob is to move.")
    await ann.press("Resign")
    await question.get_by_role("button", name="Resign").click()
    await expect(bob.status).to_have_text("Ann resigned. You win.")


async def test_the_inbox_and_the_title_say_that_a_game_waits(chatter: MakeChatter) -> None:
    ann, bob, eve = Player(await chatter("Ann")), Player(await chatter("Bob")), await chatter("Eve")
    await bob.chatter.open(ann.chatter)
    await ann.chatter.open(eve)
    await bob.begin(ann)
    row = ann.chatter.row(bob.chatter)
    await bob.take(4)
    await expect(row).to_contain_text("Your move")
    await expect(ann.page).to_have_title("Your move · Duet")
    await expect(row.locator(".badge")).to_have_count(0)
    await ann.page.reload()
    await expect(row).to_contain_text("Your move")
    await row.click()
    await ann.take(0)
    await expect(row).to_contain_text("Waiting for their move")
    await expect(ann.page).to_have_title("Duet")
    await bob.chatter.say("well played")
    await expect(row).to_contain_text("well played")


async def test_a_thread_of_nothing_but_games_keeps_its_time_and_its_last_result(chatter: MakeChatter) -> None:
    ann, bob, eve = Player(await chatter("Ann")), Player(await chatter("Bob")), Player(await chatter("Eve"))
    await ann.chatter.open()
    declined = await eve.call(f"/threads/{ann.chatter.username}/games", {})
    await ann.call(f"/games/{declined['game']['id']}/commands", {"do": "decline"})
    over = await ann.begin(bob)
    await bob.call(f"/games/{over}/commands", {"do": "resign"})
    rows = ann.chatter.inbox.get_by_role("link", name=re.compile("Bob|Eve"))
    for _ in range(2):
        await expect(rows).to_contain_text(["Bob resigned. You win.", "You declined a game of Tic-tac-toe."])
        for row in await rows.all():
            await expect(row.locator("time")).to_have_text(re.compile(r"^\d\d:\d\d$"))
        await ann.page.reload()


async def test_a_flag_falls_for_both_and_the_result_stays_in_the_thread(
    players: tuple[Player, Player],
) -> None:
    ann, bob = players
    await ann.begin(bob, clock={"initial_s": 5})
    await play((ann, 4))
    await expect(bob.seat("O").get_by_role("timer")).to_have_class(re.compile("low"))
    for somebody, said in ((ann, "Bob’s time ran out. You win."), (bob, "Your time ran out. Ann wins.")):
        await expect(somebody.status).to_have_text(said)
        await expect(somebody.seat("O").get_by_role("timer")).to_have_text("0:00.0")
        await expect(somebody.button("Rematch")).to_be_visible()
        await expect(somebody.page.locator("#game-news")).to_have_text(said)
        await somebody.page.reload()
        await expect(somebody.status).to_have_text(said)
        await expect(somebody.card.locator(".game-score")).to_contain_text(re.compile("1 – 0|0 – 1"))
        await somebody.shows("....X....")
    await ann.begin(bob)
    await expect(bob.over).to_contain_text("Your time ran out. Ann wins.")


async def test_the_ai_takes_a_seat_and_the_other_watches(players: tuple[Player, Player]) -> None:
    ann, bob = players
    await ann.offer(X_is="hard", O_is="me")
    await expect(ann.status).to_have_text("Your move.")
    await expect(bob.status).to_have_text("Ann is to move.")
    stones = ann.board.get_by_role("button", name=re.compile(", [XO]$"))
    await expect(stones).to_have_count(1)
    free = ann.board.get_by_role("button", name=re.compile("empty$")).first
    await ann.settled()
    await free.click()
    await expect(stones).to_have_count(3)
    await expect(bob.board.get_by_role("button", name=re.compile(", O$"))).to_have_count(1)
    await expect(bob.button("Resign")).to_be_hidden()
    await ann.press("Take back")
    await expect(stones).to_have_count(1)


async def test_somebody_alone_plays_with_the_ai(chatter: MakeChatter) -> None:
    ann = Player(await chatter("Ann"))
    await ann.chatter.open()
    await ann.chatter.button("New chat").click()
    await ann.chatter.button("Play with the AI").click()
    await expect(ann.page.get_by_role("heading", name="Tic-tac-toe AI")).to_be_visible()
    await ann.offer()
    await ann.take(4)
    await expect(ann.board.get_by_role("button", name=re.compile(", O$"))).to_have_count(1)
    await ann.chatter.open()
    row = ann.chatter.inbox.get_by_role("link", name="Tic-tac-toe AI")
    await expect(row).to_contain_text("Your move")
    await row.click()
    await ann.press("Resign")
    await ann.page.get_by_role("dialog", name="Resign").get_by_role("button", name="Resign").click()
    await expect(ann.card.locator(".game-score")).to_have_text("You 0 – 1 AI: perfect")


async def test_both_watch_the_ai_play_itself(players: tuple[Player, Player]) -> None:
    ann, bob = players
    await ann.offer(X_is="perfect", O_is="perfect")
    for somebody in players:
        await expect(somebody.status).to_have_text("It is a draw.", timeout=30_000)
    await bob.press("Rematch")
    await ann.press("End the game")
    await expect(bob.chatter.log).to_contain_text("Ann ended a game of Tic-tac-toe.")
