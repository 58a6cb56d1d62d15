"""What is loaded when it is wanted: it opens, a failure is said, and it may be tried again."""

from urllib.parse import urlsplit

from playwright.async_api import expect

from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.stores import until_kept

FAILED = "This could not be loaded. Try again, or reload the page."


def asked(ann: Chatter) -> list[str]:
    """The chunks that the page asks for from now on, by the module that each is for."""
    names: list[str] = []

    def note(url: str) -> None:
        path, query = urlsplit(url).path, urlsplit(url).query
        if "/chunks/" in path:
            names.append(path.rpartition("/")[2].partition("-")[0] + (f"?{query}" if query else ""))

    ann.page.on("request", lambda request: note(request.url))
    return names


async def test_a_dialog_is_loaded_when_a_pointer_comes_near_and_once(chatter: MakeChatter) -> None:
    ann = await chatter("Ann")
    names = asked(ann)
    await ann.open()
    dialog = ann.page.get_by_role("dialog", name="New chat")
    assert names == []
    async with ann.page.expect_response("**/chunks/people-*"):
        await ann.button("New chat").hover()
    for _ in range(2):
        await ann.button("New chat").click()
        await expect(ann.page.get_by_label("Search people")).to_be_focused()
        await ann.page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
    assert names == ["people"]


async def test_what_could_not_be_loaded_says_so_and_opens_at_the_next_try(chatter: MakeChatter) -> None:
    ann = await chatter("Ann")
    await ann.page.route("**/chunks/*", lambda route: route.abort())
    names = asked(ann)
    await ann.page.goto(f"{ann.url}/messages/tic-tac-toe")
    invite = ann.inbox.get_by_role("button", name="Invite").last
    await invite.focus()
    await invite.press("Enter")
    await expect(ann.page.get_by_text(FAILED)).to_be_visible()
    await ann.page.unroute("**/chunks/*")
    await invite.press("Enter")
    await expect(ann.page.get_by_role("dialog", name="Invite")).to_be_visible()
    assert names[-1].startswith("invite_dialog?"), "a browser may remember that the first address failed"

    await ann.page.keyboard.press("Escape")
    await ann.page.route("**/chunks/played-*", lambda route: route.abort())
    await ann.button("Game").click()
    await ann.button("Start game").click()
    await expect(ann.log.get_by_text("This game could not be loaded.")).to_be_visible()
    await ann.page.unroute("**/chunks/played-*")
    await ann.log.get_by_role("button", name="Try again").press("Enter")
    await expect(ann.button("Row 1, column 1, empty")).to_be_visible()


async def test_a_start_without_a_network_opens_what_was_never_opened_before(chatter: MakeChatter) -> None:
    ann = await chatter("Ann", service_workers="allow")
    await ann.open()
    await until_kept(ann.page, "cache", "/shell/")
    await until_kept(ann.page, "duet-kept about", ann.username)
    await ann.page.close()
    await ann.context.set_offline(True)
    again = Chatter(ann.url, await ann.context.new_page(), ann.username, ann.display_name)
    await again.page.goto(f"{ann.url}/messages")
    await again.button("New chat").click()
    await expect(again.page.get_by_role("dialog", name="New chat")).to_be_visible()
    await again.page.keyboard.press("Escape")
    await again.page.keyboard.press("Control+k")
    await expect(again.page.get_by_role("dialog", name="Search messages")).to_be_visible()
