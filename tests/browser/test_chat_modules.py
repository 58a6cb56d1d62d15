"""The pages' modules that need no page."""

import re
import unicodedata

from shared.wire.text import is_blank
from tests.browser.modules import Modules

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


async def test_ids_are_version_7_and_sort_as_they_were_made(modules: Modules) -> None:
    made = await modules.run("lib/uuid", "return Array.from({length: 5000}, () => m.uuid7(1700000000000))")
    assert made == sorted(set(made))
    assert all(re.fullmatch(r"018bcfe5-68\w\w-7\w{3}-[89ab]\w{3}-\w{12}", one) for one in made)


async def test_only_our_own_pages_follow_a_login(modules: Modules) -> None:
    onward = {
        "/messages/bob": "/messages/bob",
        "/settings": "/settings",
        "": "/messages",
        "//evil.example": "/messages",
        "/.//evil.example": "/messages",
        "/..//evil.example/x?y": "/messages",
        "/\\evil.example": "/messages",
        "https://evil.example": "/messages",
        "javascript:alert(1)": "/messages",
    }
    body = "return a.map((next) => m.onward(`?next=${encodeURIComponent(next)}`, 'https://duet.example'))"
    assert await modules.run("lib/onward", body, *onward) == list(onward.values())


async def test_times_read_as_people_say_them(modules: Modules) -> None:
    words = {
        "2026-11-23T14:05:00": ["14:05", "Today"],
        "2026-11-22T23:59:00": ["Yesterday", "Yesterday"],
        "2026-11-20T10:00:00": ["Fri", "Friday"],
        "2026-11-03T10:00:00": ["3 Nov", "Tuesday 3 November"],
        "2024-11-03T10:00:00": ["3 Nov 2024", "3 November 2024"],
    }
    body = """const now = new Date("2026-11-23T15:00:00");
        return a.map((time) => [m.short(time, now), m.day(time, now)]);"""
    assert await modules.run("lib/time", body, *words) == list(words.values())


async def test_only_a_few_emoji_alone_are_large(modules: Modules) -> None:
    large = ["😀", "👩‍👩‍👧‍👦 🇩🇪", "👍🏽❤️", "1️⃣", "©️", "🏴‍☠️", "👁️‍🗨️"]
    large += [ENGLAND, ENGLAND * 8, "🧑🏿‍❤️‍💋‍🧑🏻" * 8, "😀\n😀"]
    large += [
        "\u2b50\ufe0f",
        "\u2764\u200d\U0001f525",
        "\U0001f441\u200d\U0001f5e8",
    ]  # as some keyboards write them
    small = [
        "7",
        "12",
        "#",
        "ok 😀",
        "😀" * 9,
        "",
        "™",
        "©",
        "®",
        "↔",
        "‼",
        "Ⓜ",
        "㊗",
        "☎",
        "🇩",
        "🇽🇽",
        "🏿x",
        "\u200d",
    ]
    found = await modules.run("lib/text", "return a.filter(m.isOnlyEmoji)", *large, *small)
    assert found == large


async def test_initials_are_what_a_name_begins_with_to_its_reader(modules: Modules) -> None:
    names = {
        "ann": "A",
        "Ann Mary Lee": "AL",
        "ann_lee-x": "AX",
        "🇩🇪 Anna Müller": "🇩🇪M",
        "👩‍👩‍👧‍👦": "👩‍👩‍👧‍👦",
        "ßeta straße": "ßS",
        "ŉ ﬁ": "ŉﬁ",
        "e\u0301mile zola": "E\u0301Z",
        "ნინო ბერიძე": "ნბ",
        "álvaro ñandú": "ÁÑ",
        "田中 太郎": "田太",
        "நிலா கவி": "நிக",
        "(bob) “lee”": "BL",
        "42 x": "4X",
        "Ann ★ Lee |": "AL",
        "ʻOkina ʿumar": "OU",
        "ـعمر ⓐnn": "عⒶ",
        "♥ ❤️": "♥❤️",
        "***": "*",
        " ": "?",
    }
    assert await modules.run("lib/avatar", "return a.map(m.initials)", *names) == list(names.values())


async def test_names_that_are_drawn_alike_look_the_same(modules: Modules) -> None:
    alike = ["Pavel Bob", "РАVEL ВОВ", "ΡAVEL  bob", "Ｐavel\u200b Bob\u2800"]
    apart = ["Павел Боб", "Pável Bob", "PavelBob"]
    assert await modules.run("lib/names", "return a.map(m.look)", *alike) == ["pavel bob"] * len(alike)
    assert len(set(await modules.run("lib/names", "return a.map(m.look)", *apart))) == len(apart)


async def test_what_draws_nothing_is_blank_here_as_on_the_server(modules: Modules) -> None:
    assigned = [
        char for char in map(chr, range(0x110000)) if unicodedata.category(char) not in ("Cn", "Cs", "Co")
    ]
    texts = ["\u3164 \u2800\u200b", "x\u3164", *assigned]
    blank = await modules.run("lib/text", "return a.map(m.isBlank)", *texts)
    different = [ascii(text) for text, here in zip(texts, blank, strict=True) if here != is_blank(text)]
    assert different == []


async def test_a_cursor_moves_by_one_and_asks_once_about_a_gap(modules: Modules) -> None:
    body = """const cursors = new m.Cursors(() => 0);
        cursors.hold("bob", 5);
        const verdicts = [5, 6, 8, 9, 7, 8].map((seq) => cursors.take("bob", seq));
        return [verdicts, cursors.hello(), cursors.ask("bob"), cursors.ask("bob")];"""
    verdicts = ["old", "apply", "gap", "gap", "apply", "apply"]
    assert await modules.run("net/cursors", body) == [verdicts, {"bob": 8}, 8, None]


async def test_a_thread_that_is_not_held_starts_at_its_head(modules: Modules) -> None:
    body = """const cursors = new m.Cursors();
        cursors.hold("held", 3);
        const hello = cursors.hello();
        const welcome = cursors.welcome({ held: { head: 9 }, other: { head: 7 }, cut: { head: 1 } });
        const takes = [cursors.take("held", 4), cursors.take("other", 7), cursors.take("other", 8)];
        return [hello, welcome, takes, cursors.hello()];"""
    quiet: dict[str, list[str]] = {"sync": [], "ahead": []}
    expected = [{"held": 3}, quiet, ["apply", "old", "apply"], {"held": 4}]
    assert await modules.run("net/cursors", body) == expected


async def test_history_loaded_behind_the_live_cursor_is_replayed(modules: Modules) -> None:
    body = """const cursors = new m.Cursors();
        cursors.welcome({ bob: { head: 5 } });
        cursors.take("bob", 6);
        return [cursors.hold("bob", 5), cursors.take("bob", 6), cursors.hold("ann", 2)];"""
    assert await modules.run("net/cursors", body) == [True, "apply", False]


async def test_a_cursor_beyond_the_head_is_told(modules: Modules) -> None:
    body = """const cursors = new m.Cursors();
        cursors.hold("bob", 9);
        cursors.hello();
        return cursors.welcome({ bob: { head: 4 } }).ahead;"""
    assert await modules.run("net/cursors", body) == ["bob"]


async def test_a_thread_held_while_the_hello_was_under_way_is_synced(modules: Modules) -> None:
    body = """const cursors = new m.Cursors();
        cursors.hello();
        cursors.hold("bob", 3);
        return cursors.welcome({ bob: { head: 5 } }).sync;"""
    assert await modules.run("net/cursors", body) == [{"thread": "bob", "after": 3}]


async def test_waits_are_full_jitter_up_to_thirty_seconds(modules: Modules) -> None:
    body = """const high = new m.Backoff(() => 1), low = new m.Backoff(() => 0);
        const waits = Array.from({ length: 9 }, () => high.next());
        high.reset();
        return [waits, high.next(), low.next()];"""
    waits = [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]
    assert await modules.run("net/backoff", body) == [waits, 500, 0]


async def test_unread_counts_join_frames_and_rows_in_any_order(modules: Modules) -> None:
    body = """const frame = (seq, sender) => ({ type: "message", seq, sender, text: "x", client_id: "c" + seq });
        const row = { display_name: "Bob", head: 4, unread: 2, read: 1, peer_read: 0, last_message: frame(4, "bob") };
        const early = new m.Thread("bob", "me"), late = new m.Thread("bob", "me");
        early.applyRow(row);
        for (const thread of [early, late]) {
          thread.apply(frame(5, "bob"));
          thread.apply(frame(6, "me"));
          thread.apply({ type: "event", seq: 7, sender: "bob" });
        }
        late.applyRow(row);
        const counts = [early.unread, late.unread, early.head, late.head];
        late.applyRead(7);
        return [...counts, late.unread, late.last_message.seq];"""
    assert await modules.run("models/thread", body) == [3, 3, 7, 7, 0, 6]


async def test_a_message_that_failed_long_ago_stands_last_and_starts_no_day_again(modules: Modules) -> None:
    body = """const message = (seq, day) => (
            { seq, sender: "bob", client_id: `c${seq}`, text: "", sent_at: `2026-11-${day}T10:00:00Z` });
        const reach = { peer_read: 0, delivered: { peers: 0 } };
        const thread = { me: "ann", ...reach, complete: true, messages: [message(1, "23"), message(2, "24")] };
        const failed = { client_id: "f", text: "", created_at: "2026-11-23T10:00:30Z", failed: "Not now.", sent: null };
        return m.items(thread, [failed], null).map(({ kind, time }) => `${kind} ${time?.slice(8, 10)}`);"""
    assert await modules.run("views/items", body) == [
        "day 23", "message 23", "day 24", "message 24", "message 23",
    ]  # fmt: skip


async def test_emoji_are_found_by_the_beginnings_of_their_words(modules: Modules) -> None:
    all_of_them = [
        ["🎉", "party popper", "congratulations tada"],
        ["🥳", "partying face", "celebration woohoo"],
        ["😀", "grinning face", "party happy"],
    ]
    queries = {
        "party": ["🎉", "🥳", "😀"],  # by name before by other words
        " FACE part": ["🥳", "😀"],
        "tada": ["🎉"],
        "🥳": ["🥳"],
        "arty": [],
    }
    body = "return a[1].map((query) => m.search(a[0], query).map(([emoji]) => emoji))"
    found = await modules.run("lib/emoji_search", body, all_of_them, list(queries))
    assert found == list(queries.values())


async def test_only_what_has_skin_is_drawn_in_a_tone(modules: Modules) -> None:
    tones = {"👍": "👍🏽", "☝️": "☝🏽", "🕵️‍♂️": "🕵🏽‍♂️", "❤️": "❤️", "😀": "😀", "👨‍👩‍👦": "👨‍👩‍👦"}
    assert await modules.run("lib/emoji_search", "return a.map((one) => m.toned(one, '🏽'))", *tones) == list(
        tones.values()
    )
    assert await modules.run("lib/emoji_search", "return a.map((one) => m.toned(one, ''))", *tones) == list(
        tones
    )


async def test_what_is_to_be_deleted_is_sent_once_or_undone(modules: Modules) -> None:
    body = """const sent = [];
    const deletions = new m.Deletions((...what) => sent.push(what));
    deletions.begin("bob", "seq 1", 1);
    deletions.begin("bob", "seq 1", 1);
    deletions.begin("bob", "own x", "x");
    deletions.undo("bob", "seq 1");
    const waiting = ["seq 1", "own x"].map((key) => deletions.has("bob", key));
    deletions.now();
    deletions.now();
    return [waiting, sent, deletions.has("bob", "own x")];"""
    assert await modules.run("models/deletions", body) == [[False, True], [["bob", "x"]], False]
