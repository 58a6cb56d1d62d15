"""Where a link in a message begins and ends."""

from tests.browser.modules import Modules

MAX_LENGTH = 2048
SOON_MS = 25

QUOTES = [
    "“”",
    "‘’",
    "„“",
    "‚‘",
    "«»",
    "»«",
    "‹›",
    "「」",
    "『』",
    "〝〟",
    "＂＂",
    "״״",
    "❝❞",
    "❛❜",
    '""',
    "``",
]
STOPS = "。，、！？；：）】》．｡…⋯،؛؟۔।။።｜❗❓\u3000"
NOTHING = (
    "\u200b\u2060\ufeff\u200e\u200f\u202a\u202e\u2066\u2069\u00ad\u061c\u180e\u3164\u2800\u0085\u2028\x07"
)

# A text, and the links in it.
LINKS: dict[str, dict[str, list[str]]] = {
    "a reader": {
        "https://example.org": ["https://example.org"],
        "(see https://example.org/a_(b)).": ["https://example.org/a_(b)"],
        "http://a.example, https://b.example!": ["http://a.example", "https://b.example"],
        "http://a.example,http://b.example;http://c.example": [
            "http://a.example",
            "http://b.example",
            "http://c.example",
        ],
        "HTTPS://EXAMPLE.ORG/Path": ["HTTPS://EXAMPLE.ORG/Path"],
        '<a href="https://example.org">': ["https://example.org"],
        "[text](https://example.org/x)[more](https://example.com)": [
            "https://example.org/x",
            "https://example.com",
        ],
        "text:http://example.com/": ["http://example.com/"],
        "a@http://example.com": ["http://example.com"],
        "Really http://localhost:8000? Yes.": ["http://localhost:8000"],
        "*http://example.com/x* ~http://example.com~": ["http://example.com/x", "http://example.com"],
        "_http://example.com_": ["http://example.com"],
        "*_ http://example.com_ http://my_host.example/_": ["http://example.com", "http://my_host.example/"],
        "https://https://example.org": ["https://example.org"],
        "http://example.com...and more": ["http://example.com"],
        "http://example.com/path..........": ["http://example.com/path"],
        "http://example.com:8080/#top": ["http://example.com:8080/#top"],
        "http://user:pass@example.com:8080/a": ["http://user:pass@example.com:8080/a"],
        "http://[::1]:8080/a": ["http://[::1]:8080/a"],
        "http://example.com/a|b?c=1;d=2&e=P|0": ["http://example.com/a|b?c=1;d=2&e=P|0"],
        "https://example.org/maps/@59.93,30.31,15z?hl=ru": ["https://example.org/maps/@59.93,30.31,15z?hl=ru"],
        "http://example.com/ends-with-dash-.": ["http://example.com/ends-with-dash-"],
        "http://a.example/x,http://b.example/y|http://c.example/z": [
            "http://a.example/x",
            "http://b.example/y",
            "http://c.example/z",
        ],
        "http://a.example/2026/http://b.example/?u=http://c.example": [
            "http://a.example/2026/http://b.example/?u=http://c.example"
        ],
        "&quot;http://example.com/?a=1&amp;b=2&quot; &lt;http://example.com/x&gt;": [
            "http://example.com/?a=1&amp;b=2",
            "http://example.com/x",
        ],
        "http://example.com./x http://example.com.": ["http://example.com./x", "http://example.com"],
    },
    "brackets": {
        "http://example.com/a_(b_(c)).": ["http://example.com/a_(b_(c))"],
        "{http://example.com/a} [http://example.com/b]": ["http://example.com/a", "http://example.com/b"],
        "http://example.com/a_[b]{I'm}": ["http://example.com/a_[b]{I'm}"],
        "http://example.com/a(that one)": ["http://example.com/a"],
        "http://example.com/(a) (b)": ["http://example.com/(a)"],
        "http://example.com/a(]": ["http://example.com/a"],
        "(http://a.example/x)(http://b.example/y)": ["http://a.example/x", "http://b.example/y"],
        "http://example.com(it is new)": ["http://example.com"],
    },
    "apostrophes": {
        "https://en.example/wiki/Devil's_advocate": ["https://en.example/wiki/Devil's_advocate"],
        "https://en.example/wiki/Devil’s_advocate": ["https://en.example/wiki/Devil’s_advocate"],
        "'https://en.example/wiki/Devil's_advocate'": ["https://en.example/wiki/Devil's_advocate"],
        "it is 'http://example.com/a'.": ["http://example.com/a"],
        "['http://a.example/x','http://b.example/y']": ["http://a.example/x", "http://b.example/y"],
        "http://example.com/a_'quoted'": ["http://example.com/a_'quoted'"],
        "http://example.com/10'-x-30": ["http://example.com/10'-x-30"],
        "http://example.com/Products('A1')": ["http://example.com/Products('A1')"],
        "http://example.com's page": ["http://example.com"],
        "http://example.com’s page": ["http://example.com"],
    },
    "quotes": {
        f"{pair[0]}http://example.org/x{pair[1]}{after}": ["http://example.org/x"]
        for pair in QUOTES
        for after in ("", "、", " and more")
    }
    | {f"‘http://example.org’{after}": ["http://example.org"] for after in ("", "。", " more")},
    "full stops": {
        f"https://example.com{path}{mark}{after}": [f"https://example.com{path}"]
        for mark in STOPS
        for path in ("", "/x", "/x?y=1", "/wiki/北京")
        for after in ("", "谢谢", "next")
    },
    "glued words": {
        "官网https://example.com谢谢": ["https://example.com"],
        "https://example.comです。": ["https://example.com"],
        "http://localhost谢谢": ["http://localhost"],
        "https://example.com은 좋다": ["https://example.com"],
        "http://例え.jpを見て": ["http://例え.jp"],
        "https://例え.テスト/道": ["https://例え.テスト/道"],
        "http://foobar.みんな/ http://foobar.پاکستان/": ["http://foobar.みんな/", "http://foobar.پاکستان/"],
        "http://bündnis-für-äpfel.example/ü": ["http://bündnis-für-äpfel.example/ü"],
        "http://✪df.ws/123 https://i.❤️.ws": ["http://✪df.ws/123", "https://i.❤️.ws"],
        "https://ru.example/wiki/Русские_слова,": ["https://ru.example/wiki/Русские_слова"],
        "https://ja.example/wiki/ダ・ヴィンチ・": ["https://ja.example/wiki/ダ・ヴィンチ"],
        "https://en.example/wiki/Michelson–Morley –": ["https://en.example/wiki/Michelson–Morley"],
        "http://example.com/someone-you-നിന്നെ-പോലൊരാള്‍.html": [
            "http://example.com/someone-you-നിന്നെ-പോലൊരാള്‍.html"
        ],
    },
    "what is drawn as nothing": {
        f"https://example.com{path}{nothing}{after}": [f"https://example.com{path}"]
        for nothing in NOTHING
        for path in ("", "/", "/x")
        for after in ("", "gnp.exe", "谢谢")
    }
    | {f"https://example.com/x{joiner} more": ["https://example.com/x"] for joiner in "\u200c\u200d"},
    "none": {
        text: []
        for text in [
            "javascript:alert(1) data:text/html,x ftp://x.example file:///etc/passwd",
            "https:// http://. http://.. http://# http://? http://?? http:///x http://'",
            "http://.example.com http://-example.com hppt://example.com xhttp://example.com",
            "http://example.com:500000",
            "my_http://example.com __http://example.com",
        ]
    },
}  # fmt: skip


FOUND = "const found = (text) => m.links(text).map(([start, end]) => text.slice(start, end));"


async def test_links_are_found_where_a_reader_sees_them(modules: Modules) -> None:
    wanted = {text: links for kind in LINKS.values() for text, links in kind.items()}
    found = await modules.run("lib/links", f"{FOUND} return a.map(found);", *wanted)
    assert len(found) == len(wanted)
    shown = dict(zip(wanted, found, strict=True))
    assert {text: links for text, links in shown.items() if links != wanted[text]} == {}


async def test_a_link_ends_at_two_thousand_and_forty_eight_characters(modules: Modules) -> None:
    texts = [f"https://example.com/{long * 3000}" for long in ("x", "😀", "(", "/.")]
    body = f"{FOUND} return a.map((text) => found(text)[0])"
    for text, link in zip(texts, await modules.run("lib/links", body, *texts), strict=True):
        assert text.startswith(link)
        assert len(link.encode("utf-16-le")) // 2 <= MAX_LENGTH


async def test_no_message_keeps_its_reader_waiting(modules: Modules) -> None:
    texts = [
        "http://a" + "." * 2000 + ")" * 1990,
        "http://a/" + ".)" * 2000,
        "http://a/" + "(" * 2000 + ")" * 1990,
        "http://a/" + "'" * 3990,
        "http://a." * 444,
        "http://a/)" * 400,
        "http://a/(*" * 360,
        "http://a.a@" * 360,
        "http://" + "a" * 3990,
        "http://a" + ".é" * 1990,
        "http://a.a" + "_a" * 1990,
        "http://a.a" + "_" * 3980 + "a",
        "http://a" + ":" * 3990,
        "http://" * 570,
        "‘" * 1990 + "’" * 1990,
    ]
    # The processor's time, to which others on the machine do not add.
    body = """return a.map((text) => Math.min(...Array.from({ length: 5 }, () => {
        const started = process.cpuUsage();
        m.links(text);
        const { user, system } = process.cpuUsage(started);
        return (user + system) / 1000;
    })));"""
    waits = await modules.run("lib/links", body, *texts)
    assert [text[:20] for text, ms in zip(texts, waits, strict=True) if ms > SOON_MS] == []
