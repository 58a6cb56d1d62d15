"""XSS and SQL injection corpora in a real browser, in every place that shows somebody else's text."""

from typing import Any

from playwright.async_api import Page, Request, expect

from shared.testing.people import PASSWORD
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.security.corpora import SQL, XSS

_TRAP = "window.pwned = () => { window.wasPwned = true; }; window.alert = window.pwned;"
_SAME_ORIGIN = "http://127.0.0.1:"
_NAME_MAX = 64


async def _trapped(page: Page) -> list[str]:
    """From the next page on, scripts that run leave a mark; the addresses that the page asks for."""
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    await page.add_init_script(_TRAP)
    page.on("request", note)
    return asked


async def _assert_inert(page: Page, asked: list[str]) -> None:
    assert not await page.evaluate("window.wasPwned === true")
    assert [url for url in asked if not url.startswith((_SAME_ORIGIN, "blob:"))] == []
    hostile: Any = await page.evaluate(
        """[...document.querySelectorAll("*")].filter((node) =>
            [...node.attributes].some(({name, value}) => name.startsWith("on")
                || (["href", "src", "action"].includes(name) && /^\\s*(javascript|data|vbscript):/i.test(value)))
            || (node.localName === "script" && !node.src)).map((node) => node.outerHTML)"""
    )
    assert hostile == []


async def test_hostile_messages_are_shown_as_the_text_they_are(pair: tuple[Chatter, Chatter]) -> None:
    ann, bob = pair
    asked = [await _trapped(somebody.page) for somebody in pair]
    for somebody, peer in ((ann, bob), (bob, ann)):
        await somebody.open(peer)
    texts = [*XSS, *SQL]
    await ann.box.fill(texts[0])  # the first one as a person types it, the others as fast as a program can
    await ann.box.press("Enter")
    await expect(bob.messages).to_have_count(1)
    for text in texts[1:]:
        await ann.page.evaluate(
            """([to, text]) => fetch(`/api/threads/${to}/messages`, {method: "POST", headers:
                {"Content-Type": "application/json"}, body: JSON.stringify({text, client_id: crypto.randomUUID()})})""",
            [bob.username, text],
        )
    for somebody, urls in zip(pair, asked, strict=True):
        await expect(somebody.messages).to_have_count(len(texts))
        shown = await somebody.bubbles.evaluate_all("nodes => nodes.map((node) => node.textContent)")
        assert shown == texts
        for link in await somebody.log.get_by_role("link").all():
            assert str(await link.get_attribute("href")).startswith(("https://", "http://"))
        await _assert_inert(somebody.page, urls)
    await bob.open()
    await expect(bob.row(ann)).to_contain_text(texts[-1])
    await _assert_inert(bob.page, asked[1])
    assert await ann.stored_with(bob) == texts


async def test_hostile_names_and_searches_are_inert(chatter: MakeChatter) -> None:
    eve = await chatter("Eve")
    asked = await _trapped(eve.page)
    names = [text for text in (*XSS, *SQL) if len(text) <= _NAME_MAX and text.isprintable()]
    for number, name in enumerate(names[:12]):
        account = {"username": f"{eve.username}-{number}", "password": PASSWORD, "display_name": name}
        answer = await eve.context.request.post(f"{eve.url}/api/accounts", data=account)
        assert answer.status == 201, await answer.text()
    viewer = await chatter("Viewer")
    urls = await _trapped(viewer.page)
    await viewer.open()
    await viewer.button("New chat").click()
    box = viewer.page.get_by_label("Search people")
    await box.fill(f"{eve.username}-")
    for name in names[:12]:
        await expect(viewer.page.get_by_role("option").filter(has_text=name).first).to_be_visible()
    for text in SQL:
        await box.fill(text)
        await expect(viewer.page.get_by_role("option")).to_have_count(0)
    await _assert_inert(viewer.page, urls)
    for text in (*SQL, *XSS):
        found = await viewer.context.request.get(f"{viewer.url}/api/search", params={"q": text})
        assert found.status in (200, 422), await found.text()
        if found.status == 200:
            assert (await found.json())["messages"] == []
    assert asked == []


async def test_hostile_credentials_and_addresses_are_inert(chatter: MakeChatter) -> None:
    eve = await chatter("Eve")
    await eve.context.clear_cookies()
    asked = await _trapped(eve.page)
    await eve.page.goto(f"{eve.url}/login?next=javascript:pwned()")
    for text in (*SQL[:4], *XSS[:4]):
        await eve.page.get_by_label("Username").fill(text)
        await eve.page.get_by_label("Password").fill(f"{text} {PASSWORD}")
        await eve.page.get_by_role("button", name="Log in").click()
        await expect(eve.page.get_by_text("Wrong name or password.")).to_be_visible()
        await _assert_inert(eve.page, asked)
        await eve.page.reload()
    for text in XSS:
        await eve.page.goto(
            f"{eve.url}/messages/{text.replace('/', '%2F').replace('#', '%23').replace('?', '%3F')}"
        )
        await _assert_inert(eve.page, asked)
