"""What is written while the line is cut, in Firefox and in WebKit."""

import signal

from shared.testing.product import Product
from tests.chaos.proxy import Proxy
from tests.correspondent import Correspondent
from tests.engines.somebody import Somebody

_RELAYS = ("relay-1", "relay-2")


async def test_what_is_written_offline_is_sent_once_in_order_when_back(
    alone: tuple[Somebody, Correspondent], line: Proxy
) -> None:
    ann, bob = alone
    await ann.say("before")
    await bob.sees("before")
    await line.stop()
    try:
        await ann.tab.reads("Connection lost.")
        await ann.say("one", "two", "three")
        await ann.sees("before", "one", "two", "three")
        await ann.tab.sees("button", "Try now")
    finally:
        await line.start()
    for each in alone:
        await each.sees("before", "one", "two", "three")
    assert await ann.stored_with(bob) == ["before", "one", "two", "three"]
    await ann.tab.until("() => document.getElementById('banner').hidden")


async def test_what_nobody_has_taken_yet_survives_a_reload(
    alone: tuple[Somebody, Correspondent], product: Product
) -> None:
    ann, bob = alone
    for relay in _RELAYS:
        product.kill(relay, signal.SIGSTOP)
    try:
        await ann.say("one", "two", "three")
        await ann.tab.reload()
        await ann.sees("one", "two", "three")
        assert await ann.stored_with(bob) == []
    finally:
        for relay in _RELAYS:
            product.kill(relay, signal.SIGCONT)
    for each in alone:
        await each.sees("one", "two", "three")
    assert await ann.stored_with(bob) == ["one", "two", "three"]
