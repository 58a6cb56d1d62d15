"""What a page says that it is: by Open Graph, or else by its title and description. Pure.

`html.parser` takes the square of the time for some pages that nobody writes by accident. So it only ever sees one tag;
where those are is found in one pass, comments and scripts left out.
"""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser

import msgspec

from shared.wire.previews import MAX_CODE_POINTS
from shared.wire.text import line

_MARKS = re.compile(
    r"<(!--|script\b|style\b|template\b|noscript\b|title\b|meta\b|/head\b|body\b)", re.IGNORECASE
)
_SKIPPED = ("script", "style", "template", "noscript")
_ENDS = {name: re.compile(f"</{name}", re.IGNORECASE) for name in (*_SKIPPED, "title")} | {
    "!--": re.compile("-->")
}
_LAST = ("/head", "body")
_MAX_TAG = 4096
_MAX_TAGS = 200
_WANTED = {
    "title": ("og:title", "twitter:title"),
    "site": ("og:site_name",),
    "description": ("og:description", "twitter:description", "description"),
}
"""Field by field, which `meta` says it; the first that says something."""


class Words(msgspec.Struct, frozen=True):
    """One line each; empty for what the page does not say."""

    title: str
    site: str
    description: str


def words(html: str) -> Words | None:
    """None for a page that does not say what it is called."""
    said: dict[str, str] = {}
    for name, content in _said(html):
        said.setdefault(name, content)
    wanted = {
        field: next(filter(None, (_line(field, said.get(name, "")) for name in (*names, f"<{field}>"))), "")
        for field, names in _WANTED.items()
    }
    return Words(**wanted) if wanted["title"] else None


def _line(field: str, text: str) -> str:
    return line(text, MAX_CODE_POINTS[field])


def _said(html: str) -> Iterator[tuple[str, str]]:
    """The metas of the head by name, and `<title>`."""
    at, tags = 0, 0
    while tags < _MAX_TAGS and (mark := _MARKS.search(html, at)):
        name, at = mark[1].lower(), mark.end()
        if name in _LAST:
            return
        tags += 1
        if name == "meta":
            yield from _Meta().of(html[mark.start() : mark.start() + _MAX_TAG])
            continue
        end = _ENDS[name].search(html, at)
        if name == "title":
            text = html[at : min(end.start() if end else len(html), at + _MAX_TAG)]
            yield "<title>", unescape(text.partition(">")[2])
        if end is None:
            return
        at = end.end()


class _Seen(Exception):
    """The first tag is read, and nothing else is wanted."""


class _Meta(HTMLParser):
    """The name and content of the tag with which a text begins."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, str] = {}

    def of(self, text: str) -> Iterator[tuple[str, str]]:
        """Nothing for one without both."""
        try:
            self.feed(text)
        except _Seen:
            name = self._said.get("property") or self._said.get("name")
            if name and "content" in self._said:
                yield name.strip().lower(), self._said["content"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._said = {name: value or "" for name, value in reversed(attrs)}  # the first of two counts
        raise _Seen

    def handle_data(self, data: str) -> None:
        """Where the tag has no end."""
        raise _Seen
