"""Losing the connection, and everything that ends it for good."""

import re

import pytest_asyncio
from playwright.async_api import Route, expect

from shared.testing.long_thread import write_long
from shared.testing.people import Person
from shared.testing.product import Product
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.frames import Wiretap
from tests.conftest import MakeCorrespondent
from tests.correspondent import Correspondent

RESTART_WITHIN_MS = 40_000


@pytest_asyncio.fixture(loop_scope="session")
async def tapped(chatter: MakeChatter, correspondent: MakeCorrespondent) -> tuple[Chatter, Wiretap]:
    """Ann with an empty thread open, and a hand on her socket."""
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    tap = await Wiretap.on(ann.page)
    await ann.open(bob)
    await tap.welcomed()
    return ann, tap


async def load_the_dice(who: Chatter, fall: float) -> None:
    """From here on the page's jitter is always this part of what it may be."""
    await who.page.add_init_script(f"Math.random = () => {fall}")
    await who.page.reload()
    await who.loaded()


async def test_the_waits_grow_and_try_now_ends_one(tapped: tuple[Chatter, Wiretap]) -> None:
    ann, tap = tapped
    await load_the_dice(ann, 0.999)  # the waits are as long as they get, 0.5 s doubled each time
    tap.refuse = True
    tap.cut()
    await expect(ann.page.get_by_text(re.compile("Connection lost.+Trying again in 1 s"))).to_be_visible()
    await expect(ann.page.get_by_text(re.compile("again in [34] s"))).to_be_visible()
    await expect(ann.page.get_by_text(re.compile("again in [5-8] s"))).to_be_visible()
    await ann.button("Try now").press("Enter")
    await expect(ann.page.get_by_text(re.compile("again in [5-9] s|again in 1\\d s"))).to_be_visible()
    await expect(ann.button("Try now")).to_be_focused()
    tap.refuse = False
    await ann.button("Try now").press("Enter")
    await expect(ann.page.get_by_text("Back online")).to_be_visible()
    await expect(ann.page.get_by_role("main")).to_be_focused()
    await expect(ann.page.get_by_text("Back online")).to_be_hidden()


async def test_the_banner_covers_nothing_that_stays_where_it_is(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await write_long(product, ann.username, bob.username, 300, told={299: "a walnut", 300: "another walnut"})
    await ann.open(bob)
    await ann.page.keyboard.press("Control+k")
    await ann.page.get_by_label("Words to search for").fill("walnut")
    await expect(ann.page.get_by_text("2 messages found")).to_be_visible()
    await ann.page.keyboard.press("Enter")
    await ann.context.set_offline(True)
    banner = ann.page.locator("#banner")
    await expect(banner).to_contain_text("Connection lost.")
    await ann.button("Older result").click()
    await expect(ann.message("a walnut")).to_be_focused()
    await ann.button("Log out").click()
    problem = ann.page.locator("#log-out-problem")
    await expect(problem).to_be_visible()
    for width in (1280, 340):
        await ann.page.set_viewport_size({"width": width, "height": 800})
        over, below = (
            await banner.bounding_box(),
            await problem.or_(ann.page.locator("#hits")).last.bounding_box(),
        )
        assert over is not None
        assert below is not None
        assert over["y"] + over["height"] <= below["y"] + 1
    # Nor the end of what is scrolled.
    await ann.button("Close search").click()
    await ann.page.set_viewport_size({"width": 1280, "height": 800})
    await ann.log.evaluate("(log) => log.scrollTo(0, 0)")
    await ann.button("Try again").click()


async def test_a_server_that_takes_no_notice_is_told_of_and_can_be_tried_again(
    tapped: tuple[Chatter, Wiretap],
) -> None:
    ann, tap = tapped
    await load_the_dice(ann, 0)  # the first try comes at once, before a loss is worth a word
    tap.silent = True
    tap.cut()
    await expect(ann.page.get_by_text("Connection lost. Trying again…")).to_be_visible()
    tap.silent = False
    tap.cut()
    await expect(ann.page.get_by_text("Back online")).to_be_visible()


async def test_it_reconnects_after_every_code_that_is_not_final(tapped: tuple[Chatter, Wiretap]) -> None:
    ann, tap = tapped
    banner = ann.page.locator("#banner")
    for code in (1001, 1011, 1012, 1013, 4000, 4499, 1003, 1007):
        async with ann.page.expect_websocket():
            tap.cut(code)
        await expect(banner).to_be_hidden()
        await expect(ann.page.locator("#peer-status")).not_to_be_empty()
        assert "/login" not in ann.page.url, code


async def test_people_talk_on_after_every_relay_was_killed(
    mortal: Product, pair: tuple[Chatter, Chatter]
) -> None:
    ann, bob = pair
    await ann.say("before")
    await bob.sees("before")
    for relay in ("relay-1", "relay-2"):
        mortal.kill(relay)
    await ann.say("one", "two")
    await bob.say("three")
    for somebody in (ann, bob):
        await expect(somebody.bubbles).to_have_count(4, timeout=RESTART_WITHIN_MS)
    stored = await ann.stored_with(bob)
    assert [text for text in stored if text != "three"] == ["before", "one", "two"]
    for somebody in (ann, bob):
        await somebody.sees(*stored)


async def test_an_ended_session_leads_to_the_login_page_and_back(tapped: tuple[Chatter, Wiretap]) -> None:
    ann, tap = tapped
    thread = ann.page.url
    await ann.context.clear_cookies()
    tap.cut(4501)
    await ann.page.wait_for_url("**/login?next=/messages/**")
    await ann.page.get_by_label("Username").fill(ann.username)
    await ann.page.get_by_label("Password").fill("correct-horse-battery")
    await ann.page.get_by_role("button", name="Log in").click()
    await ann.page.wait_for_url(thread)


async def test_logging_out_in_one_tab_ends_the_others(alone: tuple[Chatter, Correspondent]) -> None:
    ann, bob = alone
    other = await ann.another_tab()
    await other.open(bob)
    await ann.button("Log out").click()
    await ann.page.wait_for_url("**/login")
    await other.page.wait_for_url("**/login**")


async def test_a_session_ended_elsewhere_closes_the_page_within_seconds(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, _ = alone
    program = await Person(ann.url, ann.username).log_in()
    assert (await program.call("DELETE", "/api/sessions"))[0] == 204
    await program.close()
    await ann.page.wait_for_url("**/login?next=**")


async def test_another_final_code_says_so_and_does_not_reconnect(tapped: tuple[Chatter, Wiretap]) -> None:
    ann, tap = tapped
    hellos = len(tap.hellos)
    tap.cut(4700)
    await expect(ann.page.get_by_text("The connection was closed. Reload the page to go on.")).to_be_visible()
    assert len(tap.hellos) == hellos


async def test_one_window_too_many_says_so_and_comes_back_when_asked(tapped: tuple[Chatter, Wiretap]) -> None:
    """By itself it would push out the next one, and that one the next."""
    ann, tap = tapped
    hellos = len(tap.hellos)
    tap.cut(4502)
    await expect(ann.page.get_by_text("Duet is open in too many windows.")).to_be_visible()
    assert len(tap.hellos) == hellos
    await ann.button("Try now").click()
    await expect(ann.page.get_by_text("Back online")).to_be_visible()


async def test_an_inbox_that_came_in_pieces_is_not_an_empty_one(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await bob.say("Hello")
    answers = ['{"threads": [', "<h1>Welcome to our network</h1>", ""]
    address = re.compile(r"/api/threads\?")
    failed = ann.page.get_by_text("Your chats could not be loaded. Trying again…")
    await ann.page.clock.install()
    for answer in answers:

        async def broken(route: Route, *, body: str = answer) -> None:
            await route.fulfill(body=body, content_type="application/json")

        await ann.page.route(address, broken)
        await ann.open()
        await expect(failed).to_be_visible()
        await expect(ann.page.get_by_text("No chats yet")).to_be_hidden()
        await ann.page.unroute(address)
        await ann.page.clock.run_for(5000)
        await expect(ann.row(bob)).to_be_visible()
