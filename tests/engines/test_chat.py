"""Two people talk, in Firefox and in WebKit."""

from shared.testing.people import PASSWORD, fresh_name
from shared.testing.product import Product
from tests.correspondent import Correspondent
from tests.engines.conftest import MakeSomebody, MakeTab
from tests.engines.somebody import Somebody

_HOSTILE = "<img src=x onerror=alert(1)> & https://example.org/a?b=c 😀"


async def test_a_newcomer_signs_up_finds_somebody_and_is_answered(
    product: Product, tab: MakeTab, somebody: MakeSomebody
) -> None:
    newcomers = await tab()
    bob = await somebody("Bob")  # without a window manager the last window has the focus: his, as a reader's
    await bob.open()
    ann = Somebody(product.url, newcomers, fresh_name("ann"), "Ann")
    await ann.tab.goto(f"{product.url}/signup")
    for label, words in (
        ("Username", ann.username),
        ("Password", PASSWORD),
        ("Display name (optional)", "Ann"),
    ):
        await ann.tab.fill("textbox", label, words)
    await ann.tab.click("button", "Sign up")
    await ann.tab.click("button", "New chat")
    await ann.tab.until("() => document.activeElement.id === 'people-search'")
    await ann.tab.keys(bob.username)
    await ann.tab.until(
        "(handle) => document.querySelectorAll('[role=option]').length === 1 && "
        "document.querySelector('[role=option][aria-selected=true]').innerText.includes(handle)",
        f"@{bob.username}",
    )
    await ann.tab.keys("Enter")
    await ann.tab.until("() => document.activeElement.id === 'message'")
    await ann.tab.keys("Hello", "Enter")
    await bob.tab.reads("Hello")
    await bob.open(ann)
    await bob.tab.click("textbox", "Message")  # only what somebody looks at is read
    await ann.tab.until("() => document.querySelector('.message .state')?.innerText === 'Read'")
    await bob.tab.fill("textbox", "Message", "Hi")
    await ann.tab.until("() => document.getElementById('peer-status').innerText === 'typing…'")
    await bob.tab.keys("Enter")
    for each in (ann, bob):
        await each.sees("Hello", "Hi")
    await ann.tab.click("button", "Log out")
    await ann.tab.sees("button", "Log in")


async def test_text_stays_text_and_the_history_is_there_after_a_reload(
    alone: tuple[Somebody, Correspondent],
) -> None:
    ann, bob = alone
    await bob.say(_HOSTILE)
    await ann.sees(_HOSTILE)
    await ann.tab.sees("link", "https://example.org/a?b=c")
    await ann.say(_HOSTILE, "*two* `*2*` a_b_c")
    await bob.sees(_HOSTILE, _HOSTILE, "*two* `*2*` a_b_c")
    await ann.sees(_HOSTILE, _HOSTILE, "two *2* a_b_c")
    await ann.tab.reload()
    await ann.sees(_HOSTILE, _HOSTILE, "two *2* a_b_c")
