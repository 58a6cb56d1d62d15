"""Pages are fetched from public addresses only, for 3 s, of 1 MiB; whatever a site does, it has no preview at worst."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from services.notify.previews import connecting, fetching
from services.notify.previews.fetching import Fetcher
from services.notify.previews.head import Words
from services.notify.tests.site import HTML, Site, page, redirect

TITLE = "<title>A page</title>"
FOUND = Words("A page", "", "")
Fetch = Callable[[str], Awaitable[Words | None]]


@pytest.fixture
async def fetch(site: Site) -> AsyncIterator[Fetch]:
    """Looks at pages of the site, and of the internet; nowhere else."""
    async with connecting.client([site.address]) as http:
        yield Fetcher(http, [site.address]).words


@pytest.fixture
async def as_in_production(site: Site, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Fetch]:
    """Knows nothing of the site, but its port is one that may be asked."""
    monkeypatch.setattr(fetching, "_PORTS", (80, 443, int(site.address.rpartition(":")[2])))
    site.pages["/"] = page(TITLE)
    async with connecting.client() as http:
        yield Fetcher(http).words


async def test_a_page_is_asked_for_without_cookies_and_by_our_name(site: Site, fetch: Fetch) -> None:
    site.pages["/"] = page(TITLE, Set_Cookie="a=b")
    assert await fetch(site.link()) == await fetch(f"{site.link()}#part") == FOUND
    for _, headers in site.asked:
        assert headers["User-Agent"] == "Duet (link preview)"
        assert not headers.keys() & {"Cookie", "Referer", "Authorization", "Origin"}


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f.1:{port}/",
        "http://127.1:{port}/",
        "http://0:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://[::ffff:7f00:1]:{port}/",
        "http://[::1]:{port}/",
    ],
)
async def test_no_address_that_is_not_public_is_connected_to_however_it_is_spelt(
    site: Site, as_in_production: Fetch, link: str
) -> None:
    assert await as_in_production(link.format(port=site.address.rpartition(":")[2])) is None
    assert site.asked == []


async def test_a_name_that_leads_to_a_private_address_is_not_followed_even_if_it_led_elsewhere_before(
    site: Site, as_in_production: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def answer(host: str, port: int, **_: Any) -> list[Any]:
        told.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    assert await as_in_production(f"http://site.example:{site.address.rpartition(':')[2]}/") is None
    assert told == ["site.example"]
    assert site.asked == []


async def test_a_redirect_is_followed_three_times_and_never_to_a_private_address(
    site: Site, fetch: Fetch
) -> None:
    async with Site().running() as inner:
        inner.pages["/"] = page("<title>Secret</title>")
        site.pages |= {
            "/": page(TITLE),
            "/1": redirect("/"),
            "/2": redirect("1"),
            "/3": redirect("//" + site.address + "/2"),
        }
        site.pages |= {"/4": redirect("/3"), "/inner": redirect(inner.link()), "/round": redirect("/round")}
        site.pages |= {
            "/file": redirect("file:///etc/passwd"),
            "/none": redirect(""),
            "/bad": redirect("http://["),
        }
        assert await fetch(site.link("/3")) == FOUND
        for path in ("/4", "/inner", "/round", "/file", "/none", "/bad"):
            assert await fetch(site.link(path)) is None, path
        assert inner.asked == []
        assert site.paths.count("/round") == 4


@pytest.mark.parametrize(
    "link",
    [
        "http://ann:secret@{address}/",
        "http://ann@{address}/",
        "ftp://{address}/",
        "http://{host}:22/",
        "http://{host}:8080/",
        "http:///",
        "http://{address}:x/",
    ],
)
async def test_a_link_with_a_name_a_password_or_another_port_is_not_asked(
    site: Site, fetch: Fetch, link: str
) -> None:
    site.pages["/"] = page(TITLE)
    assert await fetch(link.format(address=site.address, host="127.0.0.1")) is None
    assert site.asked == []


async def test_a_body_without_an_end_is_read_for_a_mebibyte(site: Site, fetch: Fetch) -> None:
    beginning = f"<head>{TITLE}".encode()
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse(headers={"Content-Type": HTML})
        await answer.prepare(request)
        await answer.write(beginning)
        while not site.over.is_set():
            await answer.write(b"x" * 65_536)
            sent += 65_536
        return answer

    site.pages["/"] = endless
    assert await fetch(site.link()) == FOUND
    assert sent < 8 * 2**20  # what is on its way in the buffers of both


async def test_a_slow_body_has_three_seconds_in_all(
    site: Site, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fetching._WITHIN_S == 3.0
    monkeypatch.setattr(fetching, "_WITHIN_S", 0.2)
    site.pages["/"] = lambda request: site.stream(request, b"<", 0.02)
    assert await asyncio.wait_for(fetch(site.link()), 20) is None


async def test_only_pages_have_previews(site: Site, fetch: Fetch) -> None:
    site.pages["/json"] = page(TITLE, Content_Type="application/json")
    site.pages["/svg"] = page(TITLE, Content_Type="image/svg+xml")
    site.pages["/gone"] = page(TITLE, 410)
    site.pages["/packed"] = page(TITLE, Content_Encoding="gzip")
    site.pages["/untitled"] = page("")
    for path in ("/json", "/svg", "/gone", "/packed", "/untitled", "/nowhere"):
        assert await fetch(site.link(path)) is None, path
    assert len(site.asked) == 6  # each once


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html; charset=utf-8", "<title>Grüße</title>".encode()),
        ("text/html; charset=iso-8859-1", "<title>Grüße</title>".encode("latin-1")),
        ("text/html", b'<meta charset="windows-1252">' + "<title>Grüße</title>".encode("cp1252")),
        ("text/html", "\ufeff<title>Grüße</title>".encode("utf-16")),
        ("text/html; charset=utf-8", b"\xef\xbb\xbf" + "<title>Grüße</title>".encode()),
        ("text/html; charset=punycode", "<title>Grüße</title>".encode()),
        ("text/html; charset=no-such", "<title>Grüße</title>".encode()),
    ],
)
async def test_a_page_is_read_in_its_charset(
    site: Site, fetch: Fetch, content_type: str, body: bytes
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": content_type})

    site.pages["/"] = answer
    assert await fetch(site.link()) == Words("Grüße", "", "")


async def test_one_site_is_not_visited_without_end_whatever_its_names_are(site: Site, fetch: Fetch) -> None:
    site.pages["/"] = page(TITLE)
    found = [await fetch(site.link()) for _ in range(connecting._BURST + 5)]
    assert found[: connecting._BURST] == [FOUND] * connecting._BURST
    assert None in found
    assert len(site.asked) < len(found)
