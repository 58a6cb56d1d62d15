"""One look at the page behind a link: for 3 s, of 1 MiB, over 3 redirects at most."""

import asyncio
import codecs
import re
from collections.abc import Collection

import aiohttp
import structlog
from yarl import URL

from services.notify.previews.head import Words, words

_WITHIN_S = 3.0
_MOST_BYTES = 1024 * 1024
_PIECE = 16 * 1024
_REDIRECTS = 3
_REDIRECTED = (301, 302, 303, 307, 308)
_PORTS = (80, 443)
_PAGES = ("text/html", "application/xhtml+xml")
_END_OF_HEAD = re.compile(rb"</head|<body", re.IGNORECASE)
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([a-z0-9_-]{1,40})", re.IGNORECASE)
_DECLARED_WITHIN = 1024
_CHARSETS = re.compile(
    r"utf-8(-sig)?|utf-16(-[lb]e)?|iso8859-\d+|cp\d+|koi8-[rut]|mac-\w+|shift_jis(x0213)?|euc_\w+|gb\w+|big5\w*|tis-620"
)
"""Of Python's, those that pages are written in; some others take the square of the time."""
_READ_AS = {"ascii": "cp1252", "iso8859-1": "cp1252"}
"""As browsers do."""
_FAILURES = (aiohttp.ClientError, OSError, TimeoutError, ValueError)
log = structlog.get_logger()


class Fetcher:
    """private: as for `connecting.client`."""

    def __init__(self, http: aiohttp.ClientSession, private: Collection[str] = ()) -> None:
        self._http = http
        self._private = private

    async def words(self, link: str) -> Words | None:
        """None for a page that has none, and for whatever else goes wrong: it is not tried again."""
        try:
            async with asyncio.timeout(_WITHIN_S):
                html = await self._html(URL(link))
        except _FAILURES as error:
            log.info("a link has no preview", error=type(error).__name__)
            return None
        return words(html) if html else None

    async def _html(self, url: URL) -> str | None:
        """None where there is no page. Raises any of _FAILURES."""
        for _ in range(_REDIRECTS + 1):
            if not self._may_be_asked(url):
                return None
            async with self._http.get(url, allow_redirects=False) as answer:
                if answer.status not in _REDIRECTED:
                    return await _text(answer)
                url = url.join(URL(answer.headers.get("Location", "")))
        return None

    def _may_be_asked(self, url: URL) -> bool:
        at_home = f"{url.host}:{url.port}" in self._private
        plain = url.scheme in ("http", "https") and bool(url.host) and url.user is url.password is None
        return plain and (url.port in _PORTS or at_home)


async def _text(answer: aiohttp.ClientResponse) -> str | None:
    """As far as its head goes; None for what is no page."""
    encoded = answer.headers.get("Content-Encoding", "identity").lower() != "identity"
    if answer.status != 200 or answer.content_type not in _PAGES or encoded:
        return None
    content = bytearray()
    async for piece in answer.content.iter_chunked(_PIECE):
        looked_through = max(0, len(content) - _PIECE)
        content += piece[: _MOST_BYTES - len(content)]
        if len(content) >= _MOST_BYTES or _END_OF_HEAD.search(content, looked_through):
            break
    return content.decode(_charset(answer, bytes(content[:_DECLARED_WITHIN])), errors="replace")


def _charset(answer: aiohttp.ClientResponse, beginning: bytes) -> str:
    """By the mark at the beginning, the head of the answer, the page itself; else UTF-8."""
    if beginning.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    declared = _DECLARED.search(beginning)
    for name in (answer.charset, declared and declared[1].decode()):
        try:
            known = codecs.lookup(name).name if name else ""
        except LookupError:
            continue
        known = _READ_AS.get(known, known)
        if _CHARSETS.fullmatch(known):
            return known
    return "utf-8"
