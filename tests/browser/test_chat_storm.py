"""Relays die, networks are cut and pages are reloaded while two people type and send."""

import asyncio
import re

from playwright.async_api import expect

from shared.testing.product import Product
from tests.browser.chatter import Chatter
from tests.browser.frames import Wiretap

_ROUNDS = 2
_SETTLES_WITHIN_MS = 40_000
_LOST = re.compile("Connection lost.")
_RELAYS = ("relay-1", "relay-2")


async def _type(somebody: Chatter, *texts: str) -> None:
    """Key by key, so that a fault may come in the middle of a word."""
    for text in texts:
        await somebody.box.press_sequentially(text, delay=5)
        await somebody.box.press("Enter")


async def _assert_told_once_in_order(pair: tuple[Chatter, Chatter], told: dict[str, list[str]]) -> None:
    """told: what each has sent, by a prefix of their texts."""
    ann, bob = pair
    count = sum(map(len, told.values()))
    for somebody in pair:
        await expect(somebody.messages).to_have_count(count, timeout=_SETTLES_WITHIN_MS)
    stored = await ann.stored_with(bob)
    for prefix, texts in told.items():
        assert [text for text in stored if text.startswith(prefix)] == texts
    for somebody in pair:
        await somebody.sees(*stored)
        await expect(somebody.page.get_by_text(_LOST)).to_be_hidden()


async def test_each_message_appears_once_in_order_while_relays_die_and_networks_fail(
    mortal: Product, pair: tuple[Chatter, Chatter]
) -> None:
    ann, bob = pair
    told: dict[str, list[str]] = {"a": [], "b": []}

    async def both_type(number: int, fault: str) -> None:
        texts = {prefix: [f"{prefix}{number}.{each} {fault}" for each in range(3)] for prefix in told}
        await asyncio.gather(_type(ann, *texts["a"]), _type(bob, *texts["b"]))
        for prefix in told:
            told[prefix] += texts[prefix]

    for number in range(_ROUNDS):
        for fault in ("relays killed", "network cut", "reloaded"):
            typing = asyncio.create_task(both_type(number, fault))
            await asyncio.sleep(0.1)
            if fault == "relays killed":
                mortal.kill(_RELAYS[number % 2])
                await typing
            elif fault == "network cut":
                await ann.context.set_offline(True)
                await typing
                await ann.context.set_offline(False)
            else:
                await typing
                await asyncio.gather(ann.page.reload(), bob.page.reload())
                for somebody in pair:
                    await somebody.loaded()
    await _assert_told_once_in_order(pair, told)


async def test_a_reload_in_the_middle_of_a_fault_keeps_the_draft_and_what_was_sent(
    pair: tuple[Chatter, Chatter],
) -> None:
    ann, bob = pair
    tap = await Wiretap.after_reload(ann.page)
    tap.deaf = True  # what is sent from now on is stored, and never acknowledged
    await _type(ann, "a1", "a2")
    await bob.sees("a1", "a2")
    tap.refuse = True
    tap.cut()
    await _type(ann, "a3")
    await ann.box.press_sequentially("half a th")
    await expect(ann.page.get_by_text(_LOST)).to_be_visible()
    await ann.page.reload()
    await expect(ann.box).to_have_value("half a th")
    await expect(ann.messages).to_have_count(3)
    tap.refuse = tap.deaf = False
    await ann.page.reload()
    await ann.box.press("End")
    await _type(ann, "ought")
    await _assert_told_once_in_order(pair, {"a": ["a1", "a2", "a3"], "half": ["half a thought"]})


async def test_the_banner_is_there_exactly_while_the_connection_is_not(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    tap = await Wiretap.after_reload(ann.page)
    lost = ann.page.get_by_text(_LOST)
    await expect(lost).to_be_hidden()
    for _ in range(3):
        tap.refuse = True
        tap.cut()
        await expect(lost).to_be_visible()
        await _type(ann, "written while away")
        await expect(ann.messages.last.locator(".state")).not_to_have_text(re.compile("Sent|Read"))
        await expect(lost).to_be_visible()  # tries that fail do not make it go away
        tap.refuse = False
        await expect(ann.page.get_by_text("Back online")).to_be_visible(timeout=_SETTLES_WITHIN_MS)
        await expect(ann.messages.last.locator(".state")).to_have_text("Read")
        await expect(ann.page.get_by_text("Back online")).to_be_hidden()
        await expect(lost).to_be_hidden()
    await bob.sees(*["written while away"] * 3)


async def test_a_connection_that_died_without_a_word_is_noticed(pair: tuple[Chatter, Chatter]) -> None:
    ann, _ = pair
    tap = await Wiretap.on(ann.page)
    await ann.page.clock.install()
    await ann.page.reload()
    await tap.welcomed()
    await ann.loaded()
    tap.deaf = tap.refuse = True
    await ann.page.clock.fast_forward(21_000)  # silence for 20 s: the page asks …
    await ann.page.clock.fast_forward(11_000)  # … and no answer for 10 s
    await ann.page.clock.fast_forward(1_000)
    await expect(ann.page.get_by_text(_LOST)).to_be_visible()
