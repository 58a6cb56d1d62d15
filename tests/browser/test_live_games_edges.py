"""Games in a thread when something comes between: reloads, long logs, dead relays, no network, hasty taps."""

import re

import pytest
from playwright.async_api import Route, expect

from shared.testing.product import Product
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.player import Player, play

COMMANDS = "**/api/games/*/commands"
RESTART_WITHIN_MS = 40_000


@pytest.fixture
def players(pair: tuple[Chatter, Chatter]) -> tuple[Player, Player]:
    ann, bob = pair
    return Player(ann), Player(bob)


async def test_a_game_is_found_far_up_the_log_and_played_on(players: tuple[Player, Player]) -> None:
    ann, bob = players
    await ann.begin(bob)
    await play((ann, 4), (bob, 0))
    for number in range(130):
        await ann.call(f"/threads/{bob.chatter.username}/messages", {"text": f"message {number}"})
    await ann.page.reload()  # all is read, as it is her own: the page opens at the end
    await ann.chatter.loaded()
    await expect(ann.card).to_have_count(0)
    await ann.page.get_by_role("button", name="Your move: Tic-tac-toe").click()
    await expect(ann.card).to_be_in_viewport()
    await ann.shows("O...X....")
    await ann.take(8)
    await bob.shows("O...X...X")
    await expect(ann.page.get_by_role("button", name="Game: Tic-tac-toe")).to_be_hidden()
    positions = "nodes => nodes.map((node) => node.className.split(' ')[0])"
    order = await ann.chatter.log.locator("ol > li").evaluate_all(positions)
    assert order.index("game-item") < order.index("message")


async def test_a_game_goes_on_while_relays_are_killed(
    mortal: Product, players: tuple[Player, Player]
) -> None:
    ann, bob = players
    await ann.begin(bob)
    await play((ann, 4), (bob, 0))
    for relay in ("relay-1", "relay-2"):
        mortal.kill(relay)
    await expect(ann.status).to_have_text("Your move.", timeout=RESTART_WITHIN_MS)
    await ann.take(8)
    await ann.shows("O...X...X")
    await expect(bob.status).to_have_text("Your move.", timeout=RESTART_WITHIN_MS)
    await play((bob, 2), (ann, 1), (bob, 7))
    for somebody in players:
        await somebody.shows("OXO.X..OX")


async def test_a_move_that_failed_is_undone_or_retried(players: tuple[Player, Player]) -> None:
    ann, bob = players
    await ann.begin(bob)

    async def fail(route: Route) -> None:
        await route.fulfill(status=503, json={"title": "Unavailable"})

    await ann.page.route(COMMANDS, fail)
    await ann.take(4)
    await expect(ann.card.get_by_role("alert")).to_contain_text("Something went wrong on our side.")
    await ann.page.unroute(COMMANDS)
    await ann.press("Retry")
    await expect(ann.status).to_have_text("Bob is to move.")
    await bob.shows("....X....")
    await expect(ann.card.get_by_role("alert")).to_be_hidden()


async def test_a_move_that_nobody_answered_is_tried_again_while_the_socket_stays_open(
    players: tuple[Player, Player],
) -> None:
    ann, bob = players
    await ann.begin(bob)
    await ann.page.route(COMMANDS, lambda route: route.abort(), times=1)
    await ann.take(4)
    await expect(ann.card.get_by_role("alert")).to_contain_text("This is tried again.")
    await bob.shows("....X....")
    await expect(ann.card.get_by_role("alert")).to_be_hidden()


async def test_a_move_made_offline_is_sent_when_back(players: tuple[Player, Player]) -> None:
    ann, bob = players
    await ann.begin(bob)
    await expect(ann.status).to_have_text("Your move.")
    await ann.page.context.set_offline(True)
    await expect(ann.card).to_contain_text("You are offline.")
    await ann.settled()
    await ann.cell(4).click()
    await expect(ann.card).to_contain_text("This is tried again when you are back.")
    await ann.page.context.set_offline(False)
    await bob.shows("....X....")
    await expect(ann.status).to_have_text("Bob is to move.")


async def test_a_move_on_an_old_board_is_refused_and_explained(players: tuple[Player, Player]) -> None:
    ann, bob = players
    game = await ann.begin(bob)
    await expect(ann.status).to_have_text("Your move.")

    async def overtaken(route: Route) -> None:
        await ann.call(f"/games/{game}/commands", {"do": "move", "ply": 0, "cell": 0})
        await route.continue_()

    await ann.page.route(COMMANDS, overtaken)
    await ann.take(4)
    await expect(ann.card.get_by_role("alert")).to_have_text(re.compile("The game had moved on"))
    await ann.shows("X........")
    await expect(ann.button("Retry")).to_be_hidden()


async def test_a_tap_that_was_meant_for_another_button_is_swallowed(players: tuple[Player, Player]) -> None:
    ann, bob = players
    await ann.offer()
    await expect(bob.button("Accept game")).to_be_visible()
    await bob.settled()
    # A finger comes down just when a new message has moved the offer under it.
    await bob.page.evaluate("""() => {
        window.tapped = new Promise((resolve) => new MutationObserver((_, observer) => {
          observer.disconnect();
          const accept = document.querySelector("[aria-label='Accept game']");
          for (const type of ["pointerdown", "click"]) {
            accept.dispatchEvent(new PointerEvent(type, { bubbles: true, cancelable: true, detail: 1 }));
          }
          resolve(true);
        }).observe(document.querySelector("#messages"), { childList: true }));
    }""")
    await ann.chatter.say("one more word")
    assert await bob.page.evaluate("window.tapped")
    await bob.settled()
    await expect(bob.button("Accept game")).to_have_attribute("aria-disabled", "false")
    await expect(ann.status).to_have_text("Waiting for Bob to answer.")
    await bob.press("Accept game")
    await expect(ann.status).to_have_text("Your move.")


async def test_offers_of_different_kinds_never_share_a_place(players: tuple[Player, Player]) -> None:
    ann, bob = players
    await ann.begin(bob)
    await play((ann, 4), (bob, 0))
    boxes = []
    for ask, names in (
        ("Offer draw", ("Accept draw", "Decline draw", "Withdraw draw offer")),
        ("Take back", ("Accept takeback", "Decline takeback", "Withdraw takeback offer")),
    ):
        await bob.press(ask)
        for somebody, shown in ((ann, names[:2]), (bob, names[2:])):
            for name in shown:
                await expect(somebody.button(name)).to_be_visible()
                boxes.append((somebody, name, await somebody.button(name).bounding_box()))
        await ann.press(names[1])
        await expect(bob.button(ask)).to_be_visible()
    height = await ann.card.evaluate("node => node.getBoundingClientRect().height")
    for one, name, box in boxes:
        for other, other_name, taken in boxes:
            if one is not other or name == other_name:
                continue
            assert box is not None
            assert taken is not None
            apart = (
                box["y"] + box["height"] <= taken["y"]
                or taken["y"] + taken["height"] <= box["y"]
                or box["x"] + box["width"] <= taken["x"]
                or taken["x"] + taken["width"] <= box["x"]
            )
            assert apart, (name, other_name)
    await ann.press("Offer draw")
    await bob.press("Accept draw")
    await expect(ann.button("Rematch")).to_be_visible()
    assert await ann.card.evaluate("node => node.getBoundingClientRect().height") == height


async def test_every_variant_is_played_as_its_rules_say(chatter: MakeChatter) -> None:
    ann, bob = Player(await chatter("Ann"), 9), Player(await chatter("Bob"), 9)
    await ann.chatter.open(bob.chatter)
    await bob.chatter.open(ann.chatter)
    await ann.begin(bob, spec={"variant": "ultimate"})
    # Row 5, column 6 is the right side of the centre board: it sends Bob to the board at the right.
    await expect(ann.status).to_have_text("Your move.")
    await ann.press("Row 5, column 6, empty, centre board")
    await expect(bob.status).to_have_text("Your move.")
    takeable = bob.board.locator("[data-cell]:not([aria-disabled=true])")
    names = await takeable.evaluate_all("cells => cells.map((cell) => cell.ariaLabel)")
    target = [(row, column) for row in (4, 5, 6) for column in (7, 8, 9)]
    assert names == [f"Row {row}, column {column}, empty, middle right board" for row, column in target]
    await bob.settled()
    await takeable.nth(2).click()
    await expect(
        ann.board.get_by_role("button", name="Row 4, column 9, O, middle right board")
    ).to_be_visible()
    await expect(bob.board.locator(".zone.target")).to_have_count(1)
    await bob.press("Resign")
    await (
        bob.page.get_by_role("dialog", name="Resign this game?").get_by_role("button", name="Resign").click()
    )
    await expect(bob.board.locator(".zone.target")).to_have_count(0)  # nobody plays on
