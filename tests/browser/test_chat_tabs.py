"""Several tabs of one person in one browser: one sends for all of them, and none holds up the others."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Dialog, Playwright, expect

from shared.testing.product import Product
from tests.browser.chatter import Chatter
from tests.browser.frames import Wiretap
from tests.conftest import CHROMIUM, CHROMIUM_FLAGS, installed
from tests.contexts import Contexts
from tests.correspondent import Correspondent


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def contexts(playwright: Playwright, product: Product) -> AsyncIterator[Contexts]:
    """Those of a Chromium with a process for each tab: in one for all, a tab that is stuck would stop the others."""
    chromium = await playwright.chromium.launch(executable_path=installed(CHROMIUM), args=CHROMIUM_FLAGS)
    yield Contexts(chromium, product.url)
    await chromium.close()


async def _freeze(tab: Chatter, _: Wiretap) -> None:
    """Nothing runs in the tab any more, as where the browser puts it to sleep."""
    session = await tab.context.new_cdp_session(tab.page)
    await session.send("Debugger.enable")
    await session.send("Debugger.pause")


async def _leave_a_question_open(tab: Chatter, _: Wiretap) -> None:
    asked = asyncio.get_running_loop().create_future()

    def leave(dialog: Dialog) -> None:
        if not asked.done():
            asked.set_result(dialog)

    tab.page.on("dialog", leave)
    await tab.page.evaluate("setTimeout(() => confirm('Really?'))")
    await asked


async def _cut_off(tab: Chatter, tap: Wiretap) -> None:
    tap.refuse = True
    tap.cut()
    await expect(tab.page.get_by_text("Connection lost.")).to_be_visible()


STUCK = {"frozen": _freeze, "with a question open": _leave_a_question_open, "cut off": _cut_off}


async def _two_tabs(ann: Chatter, bob: Correspondent) -> tuple[Chatter, Wiretap]:
    """Opens a second tab of Ann's, and says what stands between the first, which sends for both, and its relay."""
    tap = await Wiretap.after_reload(ann.page)
    other = await ann.another_tab()
    await other.open(bob)
    return other, tap


@pytest.mark.parametrize("how", STUCK)
async def test_another_tab_takes_over_when_the_sending_one_is(
    how: str, alone: tuple[Chatter, Correspondent]
) -> None:
    ann, bob = alone
    other, tap = await _two_tabs(ann, bob)
    await STUCK[how](ann, tap)
    await other.say("one", "two")
    await bob.sees("one", "two")
    await other.say("three")
    await bob.sees("one", "two", "three")
    await expect(other.message("three").locator(".state")).to_have_text("Sent")


async def test_a_tab_that_was_stuck_shows_and_writes_what_all_do(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    other, tap = await _two_tabs(ann, bob)
    await _cut_off(ann, tap)
    await ann.say("written while cut off")
    await other.say("written meanwhile")
    await bob.sees("written while cut off", "written meanwhile")
    tap.refuse = False
    await ann.page.locator("#banner-try").dispatch_event("click")  # it may have tried by itself just now
    await ann.sees("written while cut off", "written meanwhile")
    await ann.say("back again")
    await other.page.close()
    await ann.say("and alone")
    await ann.sees("written while cut off", "written meanwhile", "back again", "and alone")
    await bob.sees("written while cut off", "written meanwhile", "back again", "and alone")


async def test_a_draft_is_the_same_in_every_tab_and_gone_once_it_is_sent(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    other = await ann.another_tab()
    await other.open(bob)
    await ann.box.press_sequentially("half a ")
    await expect(other.box).to_have_value("half a ")
    await other.box.press_sequentially("thought")
    await expect(ann.box).to_have_value("half a thought")
    await ann.page.reload()
    await expect(ann.box).to_have_value("half a thought")
    await other.box.press("Enter")
    await bob.sees("half a thought")
    for tab in (ann, other):
        await expect(tab.box).to_have_value("")
        await expect(tab.button("Send")).to_be_disabled()
    await ann.page.reload()
    await expect(ann.box).to_have_value("")


async def test_what_is_typed_while_another_tab_sends_the_draft_stays(
    alone: tuple[Chatter, Correspondent],
) -> None:
    ann, bob = alone
    other = await ann.another_tab()
    await other.open(bob)
    await ann.box.fill("a draft")
    await expect(other.box).to_have_value("a draft")
    await other.page.evaluate(
        """() => {
          const { postMessage } = BroadcastChannel.prototype;
          BroadcastChannel.prototype.postMessage = () => { BroadcastChannel.prototype.postMessage = postMessage; };
        }"""
    )  # the word of what is typed next comes too late
    await other.box.press("End")
    await other.box.press("!")
    await ann.box.press("Enter")
    await bob.sees("a draft")
    await expect(ann.box).to_have_value("a draft!")
    await expect(other.box).to_have_value("a draft!")
