"""Pictures of all that is done with messages and chats, at each size and in each scheme, and what axe says of it.

`python -m tests.browser.film [DIRECTORY]` starts a product of its own; by default the pictures go to a temporary
directory. Prints a table, and ends with 1 if there is any violation.
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright, expect

from shared.testing.people import fresh_name
from shared.testing.product import Product, running_product
from tests.axe import violations
from tests.browser.chatter import Chatter
from tests.browser.scenes_attachments import attaching
from tests.browser.scenes_changing import changing
from tests.browser.scenes_finding import finding
from tests.browser.scenes_inviting import inviting
from tests.browser.scenes_keeping import keeping
from tests.conftest import CHROMIUM, CHROMIUM_FLAGS, installed

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LOOKS: dict[str, dict[str, Any]] = {
    f"{size}-{scheme}": {**options, "color_scheme": scheme}
    for size, options in (("1280", DESKTOP), ("390", PHONE))
    for scheme in ("light", "dark")
}


async def _all(product: Product, people: list[Chatter], *, touch: bool) -> AsyncIterator[str]:
    ann, bob, cid, laptop = people
    for scenes in (
        changing(product, ann, bob, touch=touch),
        finding(ann),
        keeping(ann, bob, cid, laptop),
        inviting(ann),
        attaching(ann, bob),
    ):
        async for state in scenes:
            yield state


async def take(browser: Browser, product: Product, look: str, directory: Path) -> dict[str, list[str]]:
    """The rules that each state violates."""
    people = []
    for name, options in (("Ann", LOOKS[look]), ("Bob", DESKTOP), ("Cid", DESKTOP), ("Laptop", DESKTOP)):
        context = await browser.new_context(**options)
        people.append(Chatter(product.url, await context.new_page(), fresh_name(name.lower()), name))
        await people[-1].sign_up()
    ann = people[0]
    await people[-1].log_in_as(ann)
    found: dict[str, list[str]] = {}
    async for state in _all(product, people, touch="has_touch" in LOOKS[look]):
        broken = await violations(ann.page)
        found[state] = [rule["id"] for rule in broken.response["violations"]]
        if found[state]:
            print(f"{look}, {state}:", broken.generate_report(), file=sys.stderr)
        name = re.sub(r"\W+", "-", state).strip("-")
        await ann.page.screenshot(path=directory / f"{look}-{len(found):02}-{name}.png")
    for person in people:
        await person.context.close()
    return found


async def film(product: Product, directory: Path) -> bool:
    """Whether axe finds nothing."""
    expect.set_options(timeout=20_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=installed(CHROMIUM), args=CHROMIUM_FLAGS)
        found = {look: await take(browser, product, look, directory) for look in LOOKS}
        await browser.close()
    print("| state |", " | ".join(found), "|", "\n|---|" + "---|" * len(found))
    for state in next(iter(found.values())):
        print(f"| {state} |", " | ".join(" ".join(told[state]) or "0" for told in found.values()), "|")
    return not any(rules for told in found.values() for rules in told.values())


if __name__ == "__main__":
    chosen = Path(sys.argv[1] if sys.argv[1:] else tempfile.mkdtemp(prefix="duet-film-"))
    chosen.mkdir(parents=True, exist_ok=True)
    print(f"Pictures in {chosen}")
    with running_product({"DUET_RATE_LIMITS": "off"}) as running:
        sys.exit(0 if asyncio.run(film(running, chosen)) else 1)
