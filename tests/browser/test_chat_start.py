"""What a page asks for before it is of use."""

from urllib.parse import urlsplit

from tests.browser.chatter import Chatter


async def test_a_thread_opens_with_one_module_one_sheet_and_the_messages_in_the_page(
    pair: tuple[Chatter, Chatter],
) -> None:
    ann, bob = pair
    await ann.say("first", "</script><!--<script>")
    await bob.sees("first", "</script><!--<script>")
    asked: list[str] = []
    bob.page.on(
        "request", lambda request: asked.append(urlsplit(request.url)._replace(scheme="", netloc="").geturl())
    )
    await bob.open(ann)
    await bob.sees("first", "</script><!--<script>")
    assert [url.rpartition("/")[2] for url in asked if url.endswith(".js")] == ["chat.js"]
    assert [url.rpartition("/")[2] for url in asked if url.endswith(".css")] == ["chat.css"]
    calls = [url for url in asked if url.startswith("/api/")]
    assert calls.count("/api/threads?archived=false&limit=50") == 1, (
        "once, and ahead of the script that wants it"
    )
    assert not [url for url in calls if url.startswith("/api/threads/")], "they came with the page"


async def test_a_thread_left_and_opened_again_shows_what_came_meanwhile(
    pair: tuple[Chatter, Chatter],
) -> None:
    ann, bob = pair
    await ann.say("one")
    await bob.sees("one")
    await bob.page.reload()
    await bob.loaded()
    await bob.page.goto(f"{bob.url}/settings")
    await ann.say("two")
    await ann.sees("one", "two")
    await bob.page.go_back()
    await bob.sees("one", "two")


async def test_plain_words_need_no_tables_of_languages(pair: tuple[Chatter, Chatter]) -> None:
    """The first use of `Intl`, and of a pattern of Unicode's properties, costs a start milliseconds each."""
    ann, bob = pair
    await ann.say("plain words")
    await bob.sees("plain words")
    count = """
        globalThis.made = [];
        const noted = (name) => new Proxy(Intl[name], {
            construct: (target, given) => made.push(name) && new target(...given),
            apply: (target, self, given) => made.push(name) && target(...given),
        });
        for (const name of ["DateTimeFormat", "NumberFormat", "Segmenter", "Collator", "RelativeTimeFormat"])
            Intl[name] = noted(name);
        globalThis.RegExp = new Proxy(RegExp, {
            construct: (target, [source, flags]) =>
                (/\\\\p\\{/.test(source) && made.push(source), new target(source, flags)),
        });
    """
    await bob.page.add_init_script(count)
    await bob.open(ann)
    await bob.sees("plain words")
    assert await bob.page.evaluate("made") == []
    await ann.say("https://example.com")
    await bob.sees("plain words", "https://example.com")
    assert await bob.page.evaluate("made"), "it counts: a link needs them"
