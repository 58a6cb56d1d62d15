"""The outbox alone: what it gives the socket, and when. The database is the browser's; the relay is this test."""

from typing import Any

import pytest

from tests.browser.modules import Modules

# What every test begins with: an outbox of somebody new that is connected to "log", and the texts of what it gave out.
_OUTBOX = """
  const [owner, leads = true] = a;
  Math.random = () => 1;
  const given = [], ids = {}, told = [];
  const send = ({ client_id, text }) => {
    given.push(text);
    ids[text] = client_id;
    return true;
  };
  const tabs = {
    on() {},
    tell() {},
    whenLeading(led) {
      this.led = led;
      led(leads);
    },
    takeLead() {
      told.push("lead");
      this.led(true);
    },
  };
  const made = (log = null) => new m.Outbox({ owner, tabs, send, log });
  const retry = { retry: true }, final = { title: "No" };
  const outbox = made();
  await outbox.connected("log", false);
  Object.assign(window, { outbox, given, ids, told, made, retry, final });
"""


class Outbox:
    """time: the page's own, which passes when the test says so."""

    def __init__(self, modules: Modules) -> None:
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
def outbox(modules: Modules) -> Outbox:
    return Outbox(modules)


async def test_what_is_written_goes_out_in_order_twenty_of_a_thread_unanswered(outbox: Outbox) -> None:
    await outbox.start("ann")
    await outbox.run("for (let one = 1; one <= 25; one += 1) await outbox.add('bob', `${one}`)")
    assert await outbox.run("return given") == [str(one) for one in range(1, 21)]
    await outbox.run("await outbox.add('eve', 'to another')")
    await outbox.run("outbox.remove(ids['1']); outbox.acknowledged(ids['2'], 2)")
    assert (await outbox.run("return given"))[20:] == ["to another", "21", "22"]


async def test_nothing_goes_out_while_nobody_is_connected_and_all_of_it_then(outbox: Outbox) -> None:
    await outbox.start("ann")
    await outbox.run("await outbox.add('bob', 'one'); outbox.disconnected(); await outbox.add('bob', 'two')")
    assert await outbox.run("return given") == ["one"]
    await outbox.run("await outbox.connected('log', false)")
    assert await outbox.run("return given") == ["one", "one", "two"]


async def test_the_next_page_sends_what_was_not_acknowledged_in_its_log(outbox: Outbox) -> None:
    await outbox.start("ann")
    await outbox.run("for (const text of ['one', 'two', 'three']) await outbox.add('bob', text)")
    await outbox.run("outbox.remove(ids.two); window.next = made('log'); await next.connected('log', false)")
    assert await outbox.run("return given.slice(3)") == ["one", "three"]
    await outbox.run("window.restored = made('log'); await restored.connected('another log', false)")
    assert await outbox.run("return given.slice(5)") == []


async def test_rejected_messages_are_tried_again_in_order_after_pauses_that_grow_until_one_is_taken(
    outbox: Outbox,
) -> None:
    await outbox.start("ann")
    await outbox.run("for (const text of ['one', 'two']) await outbox.add('bob', text)")
    reject = "given.length = 0; for (const text of ['one', 'two']) outbox.rejected(ids[text], retry)"
    for pause_s in (1, 1.5, 2.5):
        await outbox.run(reject)
        await outbox.wait_s(pause_s - 0.1)
        assert await outbox.run("return given") == []
        await outbox.wait_s(0.1)
        assert await outbox.run("return given") == ["one", "two"]
    await outbox.run("given.length = 0; outbox.remove(ids.one); outbox.rejected(ids.two, retry)")
    await outbox.wait_s(1)
    assert await outbox.run("return given") == ["two"]


async def test_a_rejected_message_goes_again_though_it_came_into_the_log_another_way(outbox: Outbox) -> None:
    await outbox.start("ann")
    await outbox.run("for (const text of ['one', 'two', 'three']) await outbox.add('bob', text)")
    await outbox.run("outbox.remove(ids.one)")
    await outbox.run("for (const text of ['one', 'two', 'three']) outbox.rejected(ids[text], retry)")
    await outbox.run("given.length = 0; outbox.acknowledged(ids.two, 2)")
    await outbox.wait_s(1)
    assert await outbox.run("return given") == ["one", "two", "three"]
    await outbox.run("outbox.remove(ids.three)")
    await outbox.wait_s(60)
    assert await outbox.run("return given") == ["one", "two", "three"]


async def test_a_failed_message_stays_until_it_is_sent_again_as_the_last(outbox: Outbox) -> None:
    await outbox.start("ann")
    await outbox.run("for (const text of ['one', 'two']) await outbox.add('bob', text)")
    await outbox.run("outbox.rejected(ids.one, final)")
    failed = "return outbox.of('bob').map(({ text, failed }) => [text, failed])"
    assert await outbox.run(failed) == [["one", "No."], ["two", None]]
    await outbox.run("given.length = 0; await outbox.add('bob', 'three'); await outbox.retry(ids.one)")
    assert await outbox.run("return given") == ["three", "one"]
    assert await outbox.run(failed) == [["two", None], ["three", None], ["one", None]]


async def test_what_is_not_answered_in_time_goes_again_in_order(outbox: Outbox) -> None:
    await outbox.start("ann")
    await outbox.run("for (const text of ['one', 'two']) await outbox.add('bob', text)")
    await outbox.wait_s(19)
    assert await outbox.run("return given") == ["one", "two"]
    await outbox.wait_s(12)
    assert await outbox.run("return given") == ["one", "two", "one", "two"]
    await outbox.run("outbox.remove(ids.one); outbox.remove(ids.two)")
    await outbox.wait_s(60)
    assert await outbox.run("return given.length") == 4


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
    await outbox.run("for (const text of ['one', 'two']) await outbox.add('bob', text)")
    assert await outbox.run("return given") == ["one", "two"]
    handed_over = (
        "return Object.keys(localStorage).filter((key) => key.startsWith('duet:handover:ann:')).length"
    )
    assert await outbox.run(handed_over) == 2
    await outbox.run("outbox.remove(ids.one); outbox.remove(ids.two)")
    assert await outbox.run("return [outbox.entries, localStorage.length]") == [[], 0]


async def test_a_database_that_stops_answering_is_waited_for_once(outbox: Outbox) -> None:
    await outbox.start("ann")
    await outbox.run("Object.defineProperty(IDBTransaction.prototype, 'oncomplete', { set() {} })")
    await outbox.run("window.adding = outbox.add('bob', 'one')")
    await outbox.wait_s(1.9)
    assert await outbox.run("return given") == []
    await outbox.wait_s(0.1)
    assert await outbox.run("await adding; return given") == ["one"]
    await outbox.run("window.adding = outbox.add('bob', 'two')")
    await outbox.wait_s(0)
    assert await outbox.run("await adding; return given") == ["one", "two"]


async def test_a_tab_takes_the_lead_when_nothing_comes_of_what_waits_there(outbox: Outbox) -> None:
    await outbox.start("ann", False)
    await outbox.run("await outbox.add('bob', 'one')")
    await outbox.wait_s(4)
    await outbox.run("await outbox.add('bob', 'two'); outbox.remove(outbox.entries[0].client_id)")
    assert await outbox.run("return [given, told]") == [[], []]
    await outbox.wait_s(4.9)
    assert await outbox.run("return [given, told]") == [[], []]
    await outbox.wait_s(0.1)
    assert await outbox.run("return told") == ["lead"]


async def test_a_tab_without_a_connection_never_takes_the_lead(outbox: Outbox) -> None:
    await outbox.start("ann", False)
    await outbox.run("await outbox.add('bob', 'one'); outbox.disconnected()")
    await outbox.wait_s(60)
    assert await outbox.run("return told") == []
    await outbox.run("await outbox.connected('log', false)")
    await outbox.wait_s(5)
    assert await outbox.run("return told") == ["lead"]
