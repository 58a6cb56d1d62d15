"""The outbox on the browser's own database; the relay is this test. The rest of it: gateway/tests/js."""

from typing import Any

import pytest

from tests.browser.modules import PageModules

# What every test begins with: an outbox of somebody new that is connected to "log", and the texts of what it gave out.
_OUTBOX = """
  const [owner] = a;
  Math.random = () => 1;
  const given = [], ids = {};
  const send = ({ client_id, text, body }) => {
    given.push(text ?? body.text);
    ids[text] = client_id;
    return true;
  };
  const tabs = {
    on() {},
    tell() {},
    whenLeading: (led) => led(true),
  };
  const made = (log = null) => new m.Outbox({ owner, tabs, send, log });
  const outbox = made();
  await outbox.connected("log", false);
  Object.assign(window, { outbox, given, ids, made });
"""


class Outbox:
    """time: the page's own, which passes when the test says so."""

    def __init__(self, modules: PageModules) -> None:
        self.page = modules.page
        self.modules = modules

    async def start(self, *arguments: Any) -> None:
        await self.page.clock.install()
        await self.page.clock.pause_at(await self.page.evaluate("Date.now() + 1000"))
        await self.modules.run("models/outbox", _OUTBOX, *arguments)

    async def run(self, body: str) -> Any:
        return await self.page.evaluate(f"async () => {{ {body} }}")

    async def wait_s(self, seconds: float) -> None:
        await self.page.clock.run_for(int(seconds * 1000))


@pytest.fixture
def outbox(page_modules: PageModules) -> Outbox:
    return Outbox(page_modules)


async def test_the_next_page_sends_what_was_not_acknowledged_in_its_log(outbox: Outbox) -> None:
    await outbox.start("ann")
    await outbox.run("for (const text of ['one', 'two', 'three']) await outbox.send('bob', text)")
    await outbox.run(
        "outbox.arrived(ids.two, 1); window.next = made('log'); await next.connected('log', false)"
    )
    assert await outbox.run("return given.slice(3)") == ["one", "three"]
    await outbox.run("window.restored = made('log'); await restored.connected('another log', false)")
    assert await outbox.run("return given.slice(5)") == []


async def test_the_next_page_leaves_alone_what_was_done_with_when_the_last_one_was_left(
    outbox: Outbox,
) -> None:
    """The browser drops what a page has not committed by then: the store has all three."""
    await outbox.start("ann")
    await outbox.run("for (const text of ['one', 'two', 'three']) await outbox.send('bob', text)")
    await outbox.run(
        """const remove = IDBObjectStore.prototype.delete;
        let cut = 0;
        IDBObjectStore.prototype.delete = function () { cut += 1; this.transaction.abort(); return {}; };
        outbox.arrived(ids.one, 1);
        outbox.remove(ids.two);
        while (cut < 2) await indexedDB.databases();
        IDBObjectStore.prototype.delete = remove;"""
    )
    await outbox.run("window.next = made('log'); await next.ready; await next.connected('log', false)")
    assert await outbox.run("return given.slice(3)") == ["three"]
    assert await outbox.run("return Object.keys(localStorage)") == []


@pytest.mark.parametrize(
    "fault",
    [
        "IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError'); }",
        "IDBObjectStore.prototype.add = () => { throw new DOMException('', 'QuotaExceededError'); }",
        "IDBDatabase.prototype.transaction = () => { throw new DOMException('', 'InvalidStateError'); }",
    ],
)
async def test_what_cannot_be_stored_is_sent_from_memory(fault: str, outbox: Outbox) -> None:
    await outbox.page.evaluate(f"() => {{ {fault} }}")
    await outbox.start("ann")
    await outbox.run("for (const text of ['one', 'two']) await outbox.send('bob', text)")
    assert await outbox.run("return given") == ["one", "two"]
    handed_over = (
        "return Object.keys(localStorage).filter((key) => key.startsWith('duet:handover:ann:')).length"
    )
    assert await outbox.run(handed_over) == 2
    await outbox.run("window.next = made('log'); await next.ready; await next.connected('log', false)")
    assert await outbox.run("return given.splice(2)") == ["one", "two"]  # a page that was reloaded
    await outbox.run("window.restored = made(); await restored.ready")
    await outbox.run("await restored.connected('another log', false)")
    assert await outbox.run("return given.splice(2)") == []
    await outbox.run("outbox.arrived(ids.one, 1); outbox.arrived(ids.two, 1)")
    assert await outbox.run("return [outbox.entries, localStorage.length]") == [[], 0]


async def test_what_cannot_be_stored_is_changed_for_the_next_page_too(outbox: Outbox) -> None:
    await outbox.page.evaluate("() => { IDBFactory.prototype.open = () => { throw new DOMException(); } }")
    await outbox.start("ann")
    await outbox.run(
        "outbox.disconnected(); for (const text of ['one', 'two']) await outbox.send('bob', text)"
    )
    await outbox.run(
        """const [one, two] = outbox.entries;
        outbox.change("bob", "edit", { target: one.client_id, text: "first" });
        outbox.change("bob", "delete", { target: two.client_id });"""
    )
    await outbox.run("window.next = made('log'); await next.ready; await next.connected('log', false)")
    assert await outbox.run("return given") == ["first"]


async def test_a_change_outlives_its_tab_though_another_one_heard_of_the_message_first(
    outbox: Outbox,
) -> None:
    async def given(count: int) -> list[str]:
        waited = f"while (given.length < {count}) await indexedDB.databases()"
        return sorted(await outbox.run(f"{waited}; return given.splice(0)"))

    await outbox.start("ann")
    await outbox.run("for (const text of ['one', 'two', 'three']) await outbox.send('bob', text)")
    await outbox.run("window.other = made('log'); await other.connected('log', false); given.length = 0")
    change = "other.change('bob', 'edit', { target: ids.%s, text: '%s' })"
    await outbox.run(f"{change % ('one', 'first')}; outbox.arrived(ids.one, 11)")
    await outbox.run(f"outbox.arrived(ids.two, 12); {change % ('two', 'second')}")
    await outbox.run("await outbox.send('bob', 'four')")
    await outbox.run("IDBObjectStore.prototype.put = () => { throw new DOMException() }")
    await outbox.run(f"{change % ('three', 'third')}; outbox.arrived(ids.three, 13)")
    assert await given(3) == ["first", "four", "third"]
    await outbox.run("window.next = made('log'); await next.ready; await next.connected('log', false)")
    assert await given(4) == ["first", "four", "third", "two"]
    await outbox.run("next.arrived(ids.two, 12)")
    assert await given(1) == ["second"]


async def test_a_database_that_stops_answering_is_waited_for_once(outbox: Outbox) -> None:
    await outbox.start("ann")
    await outbox.run("Object.defineProperty(IDBTransaction.prototype, 'oncomplete', { set() {} })")
    await outbox.run("window.adding = outbox.send('bob', 'one')")
    await outbox.wait_s(1.9)
    assert await outbox.run("return given") == []
    await outbox.wait_s(0.1)
    assert await outbox.run("await adding; return given") == ["one"]
    await outbox.run("window.adding = outbox.send('bob', 'two')")
    await outbox.wait_s(0)
    assert await outbox.run("await adding; return given") == ["one", "two"]


async def test_a_database_that_another_page_holds_up_is_waited_for_once_and_used_again(
    outbox: Outbox,
) -> None:
    await outbox.start("ann")
    await outbox.run("await outbox.send('bob', 'one')")
    await outbox.run(
        """window.other = await new Promise((opened) => {
          const request = indexedDB.open("duet");
          request.onsuccess = () => opened(request.result);
        });
        await new Promise((asked) => {
          window.deletion = indexedDB.deleteDatabase("duet");
          deletion.onblocked = asked;
        });
        window.adding = outbox.send('bob', 'two')"""
    )
    await outbox.wait_s(1.9)
    assert await outbox.run("return given") == ["one"]
    await outbox.wait_s(0.1)
    assert await outbox.run("await adding; return given") == ["one", "two"]
    await outbox.run("await new Promise((done) => { deletion.onsuccess = done; other.close() })")
    await outbox.run(
        "await outbox.send('bob', 'three'); outbox.arrived(ids.one, 1); outbox.arrived(ids.two, 1)"
    )
    await outbox.run("window.next = made('log'); await next.connected('log', false)")
    assert await outbox.run("return given") == ["one", "two", "three", "three"]
