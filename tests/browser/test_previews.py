"""The card of a link, as the event of it comes; and the switch in the settings."""

from typing import Any

import aiohttp
from playwright.async_api import Request, expect

from shared.plumbing import identity
from shared.plumbing.transport.address import Address
from shared.testing.product import Product
from shared.wire import codec
from shared.wire.accounts import Profiles, ProfilesByName
from shared.wire.ids import uuid7
from shared.wire.link import AppendBatch, AppendItem
from shared.wire.log_calls import AppendedItems
from shared.wire.previews import PREVIEW
from tests.axe import no_violations
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.test_chat_changes import LISTEN, post
from tests.inside import told_gateway

LINK = "https://news.example/2026/a-story?id=7"
TITLE = f"<img src=x onerror=alert(1)> & {'other stories ' * 12}".strip()
SAID = {"url": LINK, "title": TITLE, "site": "accounts.example", "description": "What it is about."}


async def call(product: Product, program: str, service: str, path: str, body: Any) -> bytes:
    """A call as another program makes it."""
    address = Address.parse(told_gateway(product)[f"DUET_{service.upper()}_URL"])
    signer, _ = identity.load(program, product.data_dir / "keys", environ={})
    headers = {"Authorization": f"Bearer {signer.token(service)}", "Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(address.path)) as http,
        http.post(f"{address.origin}{path}", data=codec.encode(body), headers=headers) as answer,
    ):
        content = await answer.read()
        assert answer.status == 200, content
        return content


async def preview(product: Product, sender: Chatter, peer: Chatter, target: int, **said: Any) -> None:
    """As notify appends it."""
    found = await call(product, "relay", "auth", "/internal/users/by-name", ProfilesByName([sender.username]))
    [profile] = codec.decode(found, Profiles).profiles
    body = codec.encode({"target": target, "of": target, **said}).decode()
    item = AppendItem(profile.user, sender.username, peer.username, PREVIEW, uuid7(), body)
    stored = await call(product, "notify", "threads", "/internal/append", AppendBatch(0, "", [item]))
    assert codec.decode(stored, AppendedItems).results[0].created, stored


async def test_a_preview_is_a_card_below_its_message_for_both_and_loads_nothing_from_the_site(
    product: Product, pair: tuple[Chatter, Chatter]
) -> None:
    ann, bob = pair
    elsewhere: list[str] = []

    def asked(request: Request) -> None:
        if not request.url.startswith(("data:", "blob:", bob.url)):
            elsewhere.append(request.url)

    bob.page.on("request", asked)
    for number in range(30):
        await post(bob, ann, "messages", text=f"earlier {number}")
    seq = (await post(ann, bob, "messages", text=f"see {LINK}"))["seq"]
    await expect(bob.message("see https")).to_be_in_viewport()
    await bob.log.evaluate(LISTEN)
    await preview(product, ann, bob, seq, **SAID)
    for who in pair:
        card = who.page.locator(".preview")
        await expect(card).to_be_in_viewport(ratio=1)  # who was at the end is there still
        await expect(card).to_have_text(f"accounts.example · news.example{TITLE}What it is about.")
        await expect(card).to_have_attribute("href", LINK)
        await expect(card).to_have_attribute("rel", "noopener noreferrer")
        await expect(card).to_have_attribute("target", "_blank")
        await expect(card).to_have_accessible_name(
            f"Preview of the link: {TITLE}, accounts.example · news.example"
        )
        await expect(card).to_have_accessible_description("What it is about.")
        await expect(who.page.locator(".preview img")).to_have_count(0)
        await no_violations(who.page)
    assert await bob.page.evaluate("window.heard") == []
    assert await bob.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await bob.page.reload()
    await expect(bob.page.locator(".preview")).to_be_in_viewport(ratio=1)
    await post(bob, ann, "events", kind="reaction", body={"target": seq, "emoji": "👍"})
    await expect(bob.message("see https").locator(".said + .preview + .foot")).to_be_visible()
    await preview(product, ann, bob, seq)
    await expect(bob.page.locator(".preview")).to_have_count(0)
    await preview(product, ann, bob, seq, url="http://a.example", title="A")
    await expect(bob.page.locator(".preview")).to_have_text("a.exampleA")
    await post(ann, bob, "events", kind="delete", body={"target": seq})
    await expect(bob.message("deleted this message")).to_be_visible()
    await expect(bob.page.locator(".preview")).to_have_count(0)
    assert elsewhere == []


async def test_a_person_turns_previews_of_their_links_off_in_the_settings(chatter: MakeChatter) -> None:
    ann = await chatter("Ann")
    await ann.page.goto(f"{ann.url}/settings")
    switch = ann.page.get_by_role("switch", name="Link previews")
    await expect(switch).to_be_checked()
    await expect(switch).to_have_accessible_description(
        "Under the first link that you send, both of you see what its page is called. Our server fetches the page for"
        " that, so neither your browser nor theirs contacts the site."
    )
    await switch.uncheck()
    await expect(ann.page.get_by_text("Saved. Link previews: off.")).to_be_visible()
    answer = await ann.context.request.get(f"{ann.url}/api/settings")
    assert (await answer.json())["link_previews"] is False
