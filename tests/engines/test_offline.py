"""A start while the line is cut, in Firefox and in WebKit."""

from tests.chaos.proxy import Proxy
from tests.correspondent import Correspondent
from tests.engines.somebody import Somebody

_READY = """async (text) => {
  const names = await caches.keys();
  const shells = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).length));
  const database = await new Promise((resolve) => {
    indexedDB.open("duet-kept").onsuccess = ({ target }) => resolve(target.result);
  });
  const all = database.transaction("messages").objectStore("messages").getAll();
  const kept = await new Promise((resolve) => (all.onsuccess = () => resolve(all.result)));
  database.close();
  return shells.some(Boolean) && kept.some((message) => message.text === text);
}"""


async def test_a_start_without_a_line_shows_what_was_kept_and_sends_when_it_is_back(
    alone: tuple[Somebody, Correspondent], line: Proxy
) -> None:
    ann, bob = alone
    await bob.say("before")
    await ann.sees("before")
    await ann.tab.until(_READY, "before")
    await line.stop()
    try:
        await ann.tab.reload()
        await ann.sees("before")
        await ann.tab.reads("This is from")
        await ann.say("written without a line")
        await ann.sees("before", "written without a line")
    finally:
        await line.start()
    await ann.tab.call("() => dispatchEvent(new Event('online'))")  # or it waits for its next try
    for each in alone:
        await each.sees("before", "written without a line")
    assert await ann.stored_with(bob) == ["before", "written without a line"]
