"""The chat's models without its views: what they hold of messages that change is what the server says."""

import asyncio
import random
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Route

from tests.browser.chatter import Chatter
from tests.browser.conftest import MakeChatter
from tests.browser.frames import Wiretap
from tests.browser.modules import PageModules

# All of pages/chat.js but its views.
_MODELS = """
  const [me] = a;
  const names = [
    "models/game_calls", "models/game_loader", "models/games", "models/history", "models/inbox", "models/known_log",
    "models/outbox", "models/store", "models/tabs", "net/socket",
  ];
  const parts = await Promise.all(names.map((name) => import(new URL(`../${name}.js`, url))));
  const { GameCalls, GameLoader, Games, History, Inbox, knownLog, Outbox, Store, Tabs, Socket } =
    Object.assign({}, ...parts);
  const store = new Store(me);
  const tabs = new Tabs(me);
  const socket = new Socket(() => "/messages");
  const outbox = new Outbox({ owner: me, tabs, send: (frame) => socket.send(frame), log: knownLog(me) });
  const games = new Games(me);
  const gameLoader = new GameLoader({ games, store });
  const gameCalls = new GameCalls({ games });
  const history = new History({ store, socket, games: gameLoader });
  const inbox = new Inbox(store);
  m.runSync({ me, socket, store, outbox, inbox, history, games, gameLoader, gameCalls, stranger() {} });
  socket.start();
  Object.assign(window, { store, outbox, socket, loads: history });
"""


class Thread:
    """Ann's thread with Bob: her models in a page, and both people's own calls. tap: between the page and its relay."""

    def __init__(self, ann: Chatter, bob: Chatter, tap: Wiretap, scripts: str) -> None:
        self.ann = ann
        self.bob = bob
        self.tap = tap
        self.scripts = scripts

    async def load(self) -> None:
        """A new page, one that has no models of its own."""
        await self.ann.page.goto(f"{self.ann.url}/settings")
        await PageModules(self.ann.page, self.scripts).run("models/sync", _MODELS, self.ann.username)

    async def connect(self) -> None:
        self.tap.refuse = self.tap.deaf = False
        await self.page("socket.tryNow()")
        await self.until("socket.state.name === 'open'")

    def cut(self) -> None:
        """The page has no connection until `connect`."""
        self.tap.refuse = True
        self.tap.cut()

    async def page(self, body: str, *arguments: Any) -> Any:
        """What `body` returns, a function of the thread's name `peer` and of the arguments `a`."""
        script = f"async ([peer, a]) => {{ {body} }}"
        return await self.ann.page.evaluate(script, [self.bob.username, list(arguments)])

    async def until(self, condition: str) -> None:
        await self.ann.page.wait_for_function(f"(peer) => {condition}", arg=self.bob.username)

    async def say(self, who: Chatter, text: str, **more: Any) -> int:
        return await self._call(who, "messages", {"text": text, **more})

    async def change(self, who: Chatter, kind: str, **body: Any) -> int:
        """From another device than the page."""
        return await self._call(who, "events", {"kind": kind, "body": body})

    async def stored(self) -> list[dict[str, Any]]:
        answer = await self.ann.context.request.get(f"{self.of(self.ann)}/messages?limit=200")
        found: list[dict[str, Any]] = (await answer.json())["messages"]
        return found

    async def _call(self, who: Chatter, what: str, body: dict[str, Any]) -> int:
        answer = await who.context.request.post(
            f"{self.of(who)}/{what}", data={"client_id": str(uuid4()), **body}
        )
        assert answer.status == 201, await answer.text()
        seq: int = (await answer.json())["seq"]
        return seq

    def of(self, who: Chatter) -> str:
        """Where `who` finds it."""
        peer = self.bob if who is self.ann else self.ann
        return f"{who.url}/api/threads/{peer.username}"


@pytest_asyncio.fixture(loop_scope="session")
async def thread(chatter: MakeChatter, page_modules: PageModules) -> Thread:
    ann, bob = await chatter("Ann"), await chatter("Bob")
    thread = Thread(ann, bob, await Wiretap.on(ann.page), page_modules.root)
    await thread.load()
    await thread.connect()
    return thread


def _told(message: dict[str, Any]) -> dict[str, Any]:
    """What is the same of a message however its changes came."""
    told = {name: value for name, value in message.items() if name != "edited_at"}
    by = {name: reaction["emoji"] for reaction in message.get("reactions", []) for name in reaction["by"]}
    return {**told, "reactions": by}


async def _agree(thread: Thread) -> None:
    await thread.until("!outbox.entries.length")
    stored = await thread.stored()
    head = max(message["version"] for message in stored)
    await thread.until(f"socket.cursors.at(peer) >= {head}")
    held = await thread.page("return store.thread(peer).messages")
    assert [_told(message) for message in held] == [_told(message) for message in stored]
    last = await thread.page("return store.thread(peer).last_message")
    assert _told(last) == _told(stored[-1])


async def test_what_is_done_here_and_elsewhere_is_in_the_page_as_it_is_in_the_log(thread: Thread) -> None:
    for text in ("one", "two", "three"):
        await thread.say(thread.bob, text)
    await thread.page("await loads.newest(peer)")
    await thread.page(
        """await outbox.send(peer, "four", 1);
        await outbox.send(peer, "five");
        outbox.change(peer, "reaction", { target: 1, emoji: "👍" });
        outbox.change(peer, "reaction", { target: 2, emoji: "🎉" });
        outbox.change(peer, "reaction", { target: 2, emoji: null });"""
    )
    await thread.until("!outbox.entries.length")
    four, five = [message["seq"] for message in (await thread.stored())[-2:]]
    await thread.change(thread.bob, "reaction", target=1, emoji="👍")
    await thread.change(thread.ann, "edit", target=four, text="4")
    await thread.page("outbox.change(peer, 'edit', { target: a[0], text: 'IV' })", four)
    await thread.change(thread.bob, "delete", target=2)
    await thread.page("outbox.change(peer, 'delete', { target: a[0] })", five)
    await _agree(thread)
    kept = await thread.page("return Object.values(localStorage).join()")
    assert "five" not in kept


async def test_what_is_done_to_what_is_gone_is_forgotten_but_for_an_edit(thread: Thread) -> None:
    mine = [await thread.say(thread.ann, text) for text in ("one", "two", "three")]
    await thread.page("await loads.newest(peer)")
    await thread.ann.context.set_offline(True)
    for target in mine:
        await thread.change(thread.bob, "reaction", target=target, emoji="👍")
        await thread.change(thread.ann, "delete", target=target)
    await thread.page(
        """outbox.change(peer, "edit", { target: a[0], text: "not to be lost" });
        outbox.change(peer, "delete", { target: a[1] });
        outbox.change(peer, "reaction", { target: a[2], emoji: "👍" });""",
        *mine,
    )
    await thread.ann.context.set_offline(False)
    await thread.until("outbox.entries.length === 1 && outbox.entries[0].failed")
    edit = "const [edit] = outbox.entries; return [edit.body.text, outbox.remove(edit.client_id)]"
    assert await thread.page(edit) == ["not to be lost"] * 2
    await _agree(thread)


async def test_a_page_of_the_history_and_what_changes_while_it_is_on_its_way_make_the_current_state(
    thread: Thread,
) -> None:
    target = await thread.say(thread.bob, "as it was")
    for number in range(60):
        await thread.say(thread.bob if number % 2 else thread.ann, str(number))
    await thread.page("await loads.newest(peer)")
    read, changed = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        read.set()
        await changed.wait()
        await route.fulfill(response=answer)

    await thread.ann.page.route("**/messages?before=*", late)
    older = asyncio.ensure_future(thread.page("await loads.older(peer)"))
    await read.wait()
    head = await thread.change(thread.bob, "edit", target=target, text="as it is")
    await thread.until(f"socket.cursors.at(peer) >= {head}")
    changed.set()
    await older
    await _agree(thread)


async def test_what_a_message_answers_is_loaded_once_wherever_it_is(thread: Thread) -> None:
    target = await thread.say(thread.bob, "far above")
    other = await thread.say(thread.ann, "also far above")
    for number in range(60):
        await thread.say(thread.bob, str(number))
    head = await thread.say(thread.bob, "an answer", reply_to=target)
    await thread.ann.context.request.put(f"{thread.of(thread.ann)}/read", data={"seq": head})
    await thread.until(f"store.thread(peer).read === {head}")
    asked: list[str] = []
    thread.ann.page.on("request", lambda request: asked.append(request.url))
    await thread.page("await loads.newest(peer)")
    quoted = "return store.thread(peer).find(a[0])?.text"
    assert await thread.page(quoted, target) == "far above"  # came with the page
    await thread.ann.page.route("**/messages?around=*", lambda route: route.abort(), times=1)
    async with thread.ann.page.expect_event("requestfailed"):
        await thread.say(thread.bob, "another answer", reply_to=other)
    await thread.ann.context.set_offline(True)
    await thread.ann.context.set_offline(False)
    await thread.until(f"store.thread(peer).find({other})")
    await thread.page("await outbox.send(peer, 'and mine', a[0])", other)
    await thread.until("!outbox.entries.length")
    await thread.change(thread.ann, "edit", target=other, text="edited above")
    await thread.until(f"store.thread(peer).find({other}).text === 'edited above'")
    assert sum("around=" in url for url in asked) == 2  # one of them failed


_SEND = """const sending = outbox.send(peer, a[0], a[1]);
    const { client_id } = outbox.of(peer).at(-1);
    await sending;
    return client_id;"""
_CHANGE_OWN = """const [client_id, kind, text] = a;
    const held = store.thread(peer).messages.find((message) => message.client_id === client_id);
    const target = held?.seq ?? client_id;
    return outbox.change(peer, kind, { target, ...(text && { text }) }) !== null;"""


@pytest.mark.parametrize("seed", [6, 10])
async def test_however_changes_and_failures_mix_the_page_ends_where_the_log_does(
    thread: Thread, seed: int
) -> None:
    chance = random.Random(seed)
    by: dict[int, Chatter] = {}
    for number in range(6):
        who = chance.choice([thread.ann, thread.bob])
        by[await thread.say(who, f"{number}")] = who
    await thread.page("await loads.newest(peer)")
    wanted: dict[str, str | None] = {}  # what each message sent by the page is to say in the end
    for step in range(80):
        target = chance.choice(list(by))
        emoji = chance.choice(["👍", "🎉", None])
        match chance.choices(
            ["elsewhere", "react", "edit", "send", "own", "cut", "deaf", "connect", "reload"],
            [15, 15, 5, 20, 20, 5, 5, 10, 3],
        )[0]:
            case "elsewhere" if chance.random() < 0.5:
                await thread.change(by[target], "edit", target=target, text=f"step {step}")
            case "elsewhere":
                await thread.change(thread.bob, "reaction", target=target, emoji=emoji)
            case "react":
                reaction = "outbox.change(peer, 'reaction', { target: a[0], emoji: a[1] })"
                await thread.page(reaction, target, emoji)
            case "edit" if by[target] is thread.ann:
                edit = "outbox.change(peer, 'edit', { target: a[0], text: a[1] })"
                await thread.page(edit, target, f"step {step}")
            case "send":
                wanted[await thread.page(_SEND, f"step {step}", target)] = f"step {step}"
            case "own" if alive := [client_id for client_id, text in wanted.items() if text]:
                client_id = chance.choice(alive[-3:])
                text = f"step {step}" if chance.random() < 0.7 else None
                if await thread.page(_CHANGE_OWN, client_id, "edit" if text else "delete", text):
                    wanted[client_id] = text
            case "cut" if not thread.tap.refuse:
                thread.cut()
            case "deaf":
                thread.tap.deaf = True
            case "connect":
                if thread.tap.deaf and not thread.tap.refuse:
                    thread.cut()
                await thread.connect()
            case "reload":
                await thread.load()
                await thread.page("await Promise.all([outbox.ready, loads.newest(peer)])")
    if not thread.tap.refuse:
        thread.cut()
    await thread.connect()
    await _agree(thread)
    said = {message["client_id"]: message.get("text") for message in await thread.stored()}
    assert {client_id: said.get(client_id) for client_id in wanted} == wanted
