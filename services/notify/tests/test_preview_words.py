"""What needs no program: which link of a text it is, and what a page says that it is."""

import time

import pytest

from services.notify.previews.head import Words, words
from services.notify.previews.links import first_link


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://a.example/b?c=d#e now", "https://a.example/b?c=d#e"),
        ("two: http://a.example, https://b.example", "http://a.example"),
        ("(https://a.example/a_(b)).", "https://a.example/a_(b)"),
        ("HTTPS://A.EXAMPLE/x", "HTTPS://A.EXAMPLE/x"),
        ("*https://a.example/x*", "https://a.example/x"),
        ("“https://a.example/x”", "https://a.example/x"),
        ("https://пример.рф/путь", "https://пример.рф/путь"),
        ("`https://a.example` and https://b.example", "https://b.example"),
        ("```\nhttps://a.example\n```\nhttps://b.example", "https://b.example"),
        ("an open ` is nothing: https://a.example", "https://a.example"),
        ("`x` ` https://a.example", "https://a.example"),
        ("`https://a.example`", None),
        ("no link, ftp://a.example, a.example, javascript://a.example", None),
        ("xhttps://a.example", None),
        ("https://", None),
        ("https://[not-an-address/x", None),
        ("", None),
    ],
)
def test_the_first_link_that_is_not_code_is_the_one(text: str, link: str | None) -> None:
    assert first_link(text) == link


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<title>A page</title>", Words("A page", "", "")),
        ("<TITLE lang=en>A\n page </TITLE>", Words("A page", "", "")),
        (
            '<meta property="og:title" content="Open &amp; shut"><title>Other</title>'
            "<META NAME='description' content='Plain'><meta content='Of it' property='og:description'>"
            "<meta property=og:site_name content=Example>",
            Words("Open & shut", "Example", "Of it"),
        ),
        ('<meta property="og:title" content="a > b"><title>c</title>', Words("a > b", "", "")),
        ('<meta name="twitter:title" content="T"><meta property="og:title" content=" ">', Words("T", "", "")),
        ("<!-- <title>no</title> --><title>yes</title>", Words("yes", "", "")),
        ("<script>'<title>no</title>'</script><title>yes</title>", Words("yes", "", "")),
        ("<title>&lt;script&gt;alert(1)&lt;/script&gt;</title>", Words("<script>alert(1)</script>", "", "")),
        ("<title><b>bold</b></title>", Words("<b>bold</b>", "", "")),
        ("<title>to \u202ethe left\u2066\x00\x1b</title>", Words("to the left", "", "")),
        (f"<title>{'x' * 5000}</title>", Words("x" * 200, "", "")),
        (f"<title>e{chr(0x301) * 500}</title>", Words("\u00e9" + "\u0301" * 30, "", "")),
        ("<title>\u200b\u2800</title>", None),
        ("<body><title>too late</title>", None),
        ("</head><title>too late</title>", None),
        ('<meta property="og:title">', None),
        ('<meta property="og:title" content="unfinished', None),
        ('<meta name="description" content="nothing but this">', None),
        ("<title>\ud800half</title>", Words("half", "", "")),
        ("", None),
    ],
)
def test_a_page_says_its_title_site_and_description_in_one_line_each(html: str, found: Words | None) -> None:
    assert words(html) == found


@pytest.mark.parametrize(
    "piece",
    ["<", "<!", "<a ", "<meta ", "<meta a='", "<title>", "<title", "<!--", "<style>", "<script", "&#"],
)
def test_no_page_takes_long_to_read(piece: str) -> None:
    began = time.process_time()
    words(piece * (2**20 // len(piece)))
    assert time.process_time() - began < 1.0
