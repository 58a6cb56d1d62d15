"""A thread's finished games, and the sounds of those still being played."""

import re
from typing import Any

from playwright.async_api import Locator, expect

from tests.axe import no_violations
from tests.browser.conftest import MakeChatter
from tests.browser.player import Player, play
from tests.browser.test_live_games_access import LOOKS
from tests.browser.test_tictactoe_games import AUDIO_COUNTED
from tests.conftest import MakeCorrespondent
from tests.correspondent import Correspondent

PAGE = 20


def past(player: Player) -> Locator:
    return player.page.get_by_role("dialog", name="Past games")


async def resigned(ann: Player, bob: Correspondent, *cells: int, **offer: Any) -> None:
    """A game that Bob gives up after these moves, by the API."""
    game = await ann.begin(bob, **offer)
    for ply, cell in enumerate(cells):
        await (ann, bob)[ply % 2].call(f"/games/{game}/commands", {"do": "move", "ply": ply, "cell": cell})
    await bob.call(f"/games/{game}/commands", {"do": "resign"})


async def test_past_games_are_found_and_replayed_without_a_mouse(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = Player(await chatter("Ann"))
    bob = await correspondent("Bob", ann.chatter)
    await ann.chatter.open(bob)
    keys = ann.page.keyboard
    await ann.chatter.button("Game").focus()
    await keys.press("Enter")
    await ann.chatter.button("Past games").focus()
    await keys.press("Enter")
    await expect(past(ann).get_by_role("status")).to_have_text("No game has been finished here yet.")
    await no_violations(ann.page, LOOKS)
    await past(ann).get_by_role("button", name="New game").focus()
    await keys.press("Enter")
    await expect(ann.page.get_by_role("dialog", name="New game")).to_be_visible()
    await keys.press("Escape")
    for _ in range(PAGE):
        await resigned(ann, bob)
    await resigned(ann, bob, 4, 0, 8, spec={"variant": "misere"})
    solo = await ann.call(f"/threads/{bob.username}/games", {"x": "me", "o": "hard"})
    await ann.call(f"/games/{solo['game']['id']}/commands", {"do": "resign"})
    await ann.chatter.button("Game").click()
    await ann.chatter.button("Past games").click()
    rows = past(ann).get_by_role("listitem").filter(has=ann.page.locator("time"))
    await expect(rows).to_have_count(PAGE)
    await expect(rows.nth(0)).to_contain_text("You resigned. The AI wins.")
    await expect(rows.nth(0)).to_contain_text("X: You · O: AI: hard")
    await expect(rows.nth(1)).to_contain_text("Misère")
    scores = past(ann).get_by_role("list", name="Score").get_by_role("listitem")
    await expect(scores).to_have_text([f"You {PAGE + 1} – 0 Bob", "You 0 – 1 AI: hard"])
    for look in LOOKS:
        await look.on(ann.page)
        assert await ann.page.evaluate("document.documentElement.scrollWidth === innerWidth"), look
    await no_violations(ann.page, LOOKS)
    older = past(ann).get_by_role("button", name="Older games")
    await older.focus()
    await keys.press("Enter")
    await expect(rows).to_have_count(PAGE + 2)
    await expect(older).to_be_hidden()
    await expect(past(ann).get_by_role("button", name="Close")).to_be_focused()
    replay = past(ann).get_by_role("link", name=re.compile("^Replay Misère, .*: Bob resigned. You win.$"))
    await replay.focus()
    async with ann.page.expect_popup() as opening:
        await keys.press("Enter")
    board = (await opening.value).get_by_role("group", name="Board")
    await expect(board.get_by_role("button", name="Row 3, column 3, X", exact=True)).to_be_visible()
    await keys.press("Escape")
    await expect(past(ann)).to_be_hidden()
    await expect(ann.chatter.button("Game")).to_be_focused()


async def test_older_games_are_asked_for_once_however_often_that_is_pressed(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = Player(await chatter("Ann"))
    bob = await correspondent("Bob", ann.chatter)
    for _ in range(PAGE + 1):
        await resigned(ann, bob)
    await ann.chatter.open(bob)
    await ann.chatter.button("Game").click()
    await ann.chatter.button("Past games").click()
    older = past(ann).get_by_role("button", name="Older games")
    await expect(older).to_be_enabled()
    asked: list[str] = []
    ann.page.on("request", lambda request: asked.append(request.url))
    await older.evaluate("button => { button.click(); button.click(); }")
    await expect(older).to_be_hidden()
    await expect(past(ann).locator("time")).to_have_count(PAGE + 1)
    assert len([url for url in asked if "to=" in url]) == 1


async def test_past_games_that_cannot_be_had_are_asked_for_again(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = Player(await chatter("Ann"))
    bob = await correspondent("Bob", ann.chatter)
    await resigned(ann, bob)
    await ann.chatter.open(bob)
    await ann.page.route("**/games?phase=finished*", lambda route: route.abort())
    await ann.chatter.button("Game").click()
    await ann.chatter.button("Past games").click()
    await expect(past(ann).get_by_role("status")).to_have_text("The games could not be loaded.")
    await ann.page.unroute_all()
    await past(ann).get_by_role("button", name="Try again").click()
    await expect(past(ann)).to_contain_text("Bob resigned. You win.")


async def test_past_games_go_with_their_thread(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = Player(await chatter("Ann"))
    bob, carol = await correspondent("Bob", ann.chatter), await correspondent("Carol", ann.chatter)
    await resigned(ann, bob)
    await ann.chatter.open(carol)
    await ann.chatter.row(bob).click()
    await ann.chatter.button("Game").click()
    await ann.chatter.button("Past games").click()
    await expect(past(ann)).to_contain_text("Bob resigned. You win.")
    await ann.page.go_back()
    await ann.page.wait_for_url(f"**/messages/{carol.username}")
    await expect(past(ann)).to_be_hidden()
    await expect(ann.chatter.box).to_be_focused()


async def test_games_are_heard_where_sound_was_switched_on_and_only_there(chatter: MakeChatter) -> None:
    ann = Player(await chatter("Ann", reduced_motion="reduce"))
    bob = Player(await chatter("Bob"))
    for somebody in (ann, bob):
        await somebody.page.add_init_script(AUDIO_COUNTED)
    await ann.chatter.open(bob.chatter)
    await bob.chatter.open(ann.chatter)
    await ann.begin(bob)
    await play((ann, 0), (bob, 3))
    await ann.shows("X..O.....")
    assert await ann.page.evaluate("[contexts, tones]") == [0, 0]
    await ann.chatter.button("Game").click()
    switch = ann.page.get_by_role("switch", name="Sound")
    await expect(switch).not_to_be_checked()
    await switch.check()
    await ann.page.keyboard.press("Escape")
    await play((ann, 1), (bob, 4), (ann, 2))
    await expect(ann.status).to_have_text("You win with the top row.")
    await expect(bob.status).to_have_text("Ann wins with the top row.")
    # The switch itself, two moves, and of the tune of the end one tone.
    assert await ann.page.evaluate("[contexts, tones]") == [1, 4]
    assert await bob.page.evaluate("[contexts, tones]") == [0, 0]
    game_page = await ann.chatter.context.new_page()
    await game_page.goto(f"{ann.chatter.url}/tictactoe")
    await expect(game_page.get_by_label("Sound")).to_be_checked()
    await game_page.get_by_label("Sound").uncheck()
    await ann.chatter.button("Game").click()
    await expect(switch).not_to_be_checked()
