"""Answers that come when somebody is elsewhere by then: they lead nowhere, and say nothing of where one is now."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Route, expect

from shared.testing.long_thread import write_long
from shared.testing.people import PASSWORD, fresh_name
from shared.testing.product import Product
from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.modules import PageModules
from tests.browser.photos import give_microphone
from tests.browser.player import Player
from tests.browser.test_history_windows import read_position
from tests.conftest import MakeCorrespondent
from tests.correspondent import Correspondent

Left = tuple[Chatter, Correspondent, Callable[[], Awaitable[None]]]

LONG = 300
FAR = 20
UNREAD = 80
_KEPT_WITHIN_S = 60


class Held:
    """Requests of a page that wait until they are let go."""

    def __init__(self, who: Chatter, pattern: str) -> None:
        self._who = who
        self._pattern = pattern
        self._waiting: asyncio.Queue[Route] = asyncio.Queue()

    async def __aenter__(self) -> "Held":
        await self._who.page.route(self._pattern, self._waiting.put)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()

    async def end(self) -> None:
        """Further ones wait no more."""
        await self._who.page.unroute(self._pattern)

    async def asked(self) -> Route:
        """The next one, once it waits."""
        return await self._waiting.get()

    async def answer(self, asked: Route) -> None:
        """Lets it go on to the server; done when the page has had its answer, and a turn with it."""
        async with self._who.page.expect_event("requestfinished", lambda request: request == asked.request):
            await asked.continue_()
        await self._who.page.evaluate("new Promise((done) => setTimeout(() => requestAnimationFrame(done)))")


@pytest_asyncio.fixture(loop_scope="session")
async def left(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> AsyncIterator[Left]:
    """Ann, who wanted to see what Bob answers, and opened the chat with Cid before it came; Bob; what lets it come."""
    ann = await chatter("Ann")
    bob, cid = await correspondent("Bob", ann), await correspondent("Cid", ann)
    await write_long(product, ann.username, bob.username, LONG)
    await bob.post("messages", text="as I said", reply_to=FAR)
    await cid.say("from Cid")
    await ann.open(bob)
    async with Held(ann, "**/messages?before=*") as held:
        await ann.message("as I said").locator(".quote").click()
        asked = await held.asked()
        await ann.row(cid).click()
        await ann.sees("from Cid")

        async def place() -> None:
            async with ann.page.expect_response(f"**/threads/{bob.username}/games?from=*"):
                await held.answer(asked)
            await held.end()
            await ann.page.evaluate("new Promise(requestAnimationFrame)")

        yield ann, bob, place


async def test_a_place_that_was_wanted_in_a_chat_is_not_shown_when_that_is_opened_again(left: Left) -> None:
    ann, bob, place = left
    await ann.loaded()  # a screen reader is not kept waiting for what is shown in no chat
    await place()
    await expect(ann.box).to_be_focused()
    await ann.row(bob).click()
    await expect(ann.message("as I said")).to_be_in_viewport()
    await expect(ann.message(f"message {FAR:04}")).to_have_count(0)


async def test_a_chat_that_is_left_and_opened_again_goes_to_its_end(left: Left) -> None:
    ann, bob, place = left
    await ann.row(bob).click()
    await place()
    await expect(ann.message("as I said")).to_be_in_viewport()
    await expect(ann.box).to_be_focused()
    await ann.message("as I said").locator(".quote").click()
    await expect(ann.message(f"message {FAR:04}")).to_be_focused()


async def test_a_game_that_could_not_be_offered_is_told_of_who_looks_elsewhere(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob, cid = await correspondent("Bob", ann), await correspondent("Cid", ann)
    await cid.say("from Cid")
    await ann.open(bob)
    async with Held(ann, "**/games") as held:
        await ann.button("Game").click()
        await ann.button("Offer game").click()
        asked = await held.asked()
        await ann.page.keyboard.press("Escape")
        await ann.row(cid).click()
        await asked.abort()
    await expect(ann.page.locator("#toast")).to_contain_text("The game with Bob could not begin.")
    await ann.button("Game").click()
    await expect(ann.page.locator("#offer-problem")).to_be_empty()


@pytest.mark.parametrize("act", ["offer", "rematch"])
async def test_a_game_that_begins_elsewhere_reads_and_scrolls_nothing_here(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent, act: str
) -> None:
    ann = Player(await chatter("Ann"))
    chat = ann.chatter
    bob, cid = await correspondent("Bob", chat), await correspondent("Cid", chat)
    game = await ann.begin(bob)
    await bob.call(f"/games/{game}/commands", {"do": "resign"})
    await write_long(product, chat.username, cid.username, LONG, read=LONG - UNREAD)
    await chat.open(bob)
    async with Held(chat, "**/games" if act == "offer" else "**/commands") as held:
        if act == "offer":
            await chat.button("Game").click()
            await chat.button("Offer game").click()
        else:
            await ann.press("Rematch")
        asked = await held.asked()
        if act == "offer":
            await chat.page.keyboard.press("Escape")
        await chat.row(cid).click()
        divider = chat.log.get_by_text("Unread messages")
        await expect(divider).to_be_in_viewport()
        if act == "offer":
            await chat.button("Game").click()
        await held.answer(asked)
    if act == "offer":
        await expect(chat.page.locator("#offer")).to_be_visible()  # it is about Cid
        await chat.page.keyboard.press("Escape")
    await expect(divider).to_be_in_viewport()
    await expect(chat.message(f"message {LONG:04}")).not_to_be_in_viewport()
    assert await read_position(chat, cid) < LONG


async def test_a_day_that_was_asked_for_leads_nobody_away_who_closed_the_search(
    product: Product, chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob = await correspondent("Bob", ann)
    await write_long(product, ann.username, bob.username, LONG)
    await ann.open(bob)

    async def ask_for(day: str) -> Route:
        await ann.page.get_by_label("Go to a date").fill(day)
        await ann.button("Go").click()
        return await held.asked()

    search = ann.page.locator(".thread").get_by_role("button", name="Search messages")
    async with Held(ann, "**/messages?at=*") as held:
        await search.click()
        asked = await ask_for("2020-01-01")
        await ann.page.keyboard.press("Escape")
        await held.answer(asked)
        await expect(ann.message(f"message {LONG:04}")).to_be_in_viewport()
        await search.click()
        asked = await ask_for("2999-01-01")
        await held.answer(await ask_for("2020-01-01"))  # the later one first
        await expect(ann.message("message 0001")).to_be_focused()
        await held.answer(asked)
        await expect(ann.message("message 0001")).to_be_focused()
        await expect(ann.page.locator("#note")).to_be_empty()


async def test_a_hit_that_is_waited_for_is_none_of_another_search(page_modules: PageModules) -> None:
    script = """
      const answers = [];
      window.fetch = (_, { signal }) => new Promise((resolve, reject) => {
        answers.push((messages, next) => resolve(new Response(JSON.stringify({ messages, next }))));
        signal.addEventListener("abort", () => reject(signal.reason));
      });
      const hit = (seq) => ({ thread: "bob", seq, sent_at: "2026-01-01T00:00:00Z" });
      const search = new m.Search({ on() {} });
      const asked = search.ask("one", "bob");
      answers.pop()([hit(1)], "more");
      await asked;
      search.choose(search.hits[0]);
      const stepped = search.step(1);
      const other = search.ask("another", "bob");
      const came = await stepped;
      answers.pop()([hit(2)], null);
      await other;
      return [came, search.hits.map(({ seq }) => seq)];
    """
    assert await page_modules.run("models/search", script) == [None, [2]]


async def test_people_beyond_those_that_could_not_be_had_come_when_one_scrolls_on(
    product: Product, chatter: MakeChatter
) -> None:
    ann = await chatter("Ann")
    many = fresh_name("zoe")
    people = [f"{many}{number:02}" for number in range(45)]

    async def sign_up(username: str) -> None:
        answer = await ann.context.request.post(
            f"{product.url}/api/accounts", data={"username": username, "password": PASSWORD}
        )
        assert answer.status == 201, await answer.text()

    for username in people:
        await sign_up(username)
    await ann.log_in_as(ann)
    await ann.open()
    await ann.button("New chat").click()
    await ann.page.get_by_label("Search people").fill(many)
    options = ann.page.get_by_role("listbox").get_by_role("option")
    await expect(options.first).to_contain_text(many)
    await expect(options).to_have_count(40)
    listed = ann.page.locator("#people-list")
    await ann.page.route("**/api/users?*cursor=*", lambda route: route.abort(), times=1)
    await listed.evaluate("list => { list.scrollTop = list.scrollHeight }")
    status = ann.page.locator("#people-status")
    await expect(status).to_contain_text("cannot be reached")
    await listed.evaluate("list => { list.scrollTop = 0 }")
    await listed.evaluate("list => { list.scrollTop = list.scrollHeight }")
    await expect(options).to_have_count(45)
    await expect(status).to_be_empty()


async def test_a_page_of_another_log_is_kept_as_none_of_this_one(page_modules: PageModules) -> None:
    script = """
      const { Store } = await import(new URL("./store.js", url));
      const store = new Store("ann");
      const last_message = { thread: "bob", seq: 3, sender: "bob", text: "x", sent_at: "2026-01-01T00:00:00Z" };
      const read = { head: 3, read: 3, peer_read: 3, unread: 0 };
      store.rows([{ username: "bob", display_name: "Bob", ...read, last_message: { ...last_message, version: 3 } }]);
      const [loads, replaced] = [[], []];
      const keeper = new m.Keeper({
        me: "ann", store, leads: () => true,
        load: () => new Promise((resolve) => loads.push(resolve)),
        db: {
          begin: async () => [], noteApp: async () => {}, write: async () => true, prune: async () => {},
          replace: async ({ log }) => replaced.push(log),
        },
      });
      await keeper.connected("one");
      while (!loads.length) await new Promise((done) => setTimeout(done, 50));
      await keeper.connected("another");
      loads.pop()({ head: 3, more: false, messages: [] });
      await new Promise((done) => setTimeout(done));
      const before = [...replaced];
      if (before.length) return [before, replaced];
      while (!loads.length) await new Promise((done) => setTimeout(done, 50));
      loads.pop()({ head: 3, more: false, messages: [] });
      while (!replaced.length) await new Promise((done) => setTimeout(done, 50));
      return [before, replaced];
    """
    async with asyncio.timeout(_KEPT_WITHIN_S):
        assert await page_modules.run("models/keeper", script) == [[], ["another"]]


async def test_who_waits_for_the_microphone_speaks_where_they_are_when_it_comes(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann")
    bob, cid = await correspondent("Bob", ann), await correspondent("Cid", ann)
    await bob.say("from Bob")
    await cid.say("from Cid")
    await ann.open(bob)
    await give_microphone(ann)
    await ann.page.evaluate(
        """() => {
          const { mediaDevices } = navigator;
          const give = mediaDevices.getUserMedia;
          const allowed = new Promise((resolve) => { window.allow = resolve; });
          mediaDevices.getUserMedia = async () => { await allowed; return give(); };
        }"""
    )

    async def speak() -> None:
        await ann.button("Attach photos or files").click()
        await ann.page.get_by_role("menuitem", name="Voice message").click()

    await speak()
    await ann.row(cid).click()
    await ann.sees("from Cid")
    await speak()
    await ann.page.evaluate("allow()")
    await expect(ann.button("Send the recording")).to_be_focused()
    await expect(ann.page.locator("#recorder-time")).to_contain_text("0:01")
    await ann.page.keyboard.press("Enter")
    await expect(ann.row(cid)).to_contain_text("You: Voice message")
    await expect(ann.row(bob)).to_contain_text("from Bob")


async def test_a_microphone_that_cannot_be_used_is_let_go(page_modules: PageModules) -> None:
    script = """
      const context = new AudioContext();
      const { stream } = context.createMediaStreamDestination();
      navigator.mediaDevices.getUserMedia = async () => stream;
      window.MediaRecorder = class {
        static isTypeSupported() { return true; }
        constructor() { throw new Error("no"); }
      };
      const said = await m.Recording.begin().catch(({ message }) => message);
      return [said, ...stream.getTracks().map(({ readyState }) => readyState)];
    """
    assert await page_modules.run("lib/recording", script) == ["no", "ended"]
