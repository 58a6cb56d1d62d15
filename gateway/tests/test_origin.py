"""Which pages may call us, and by which names."""

import asyncio

import pytest

from gateway.config import GatewayConfig
from gateway.site import Site
from gateway.tests.conftest import Gateway, Start
from gateway.tests.fakes import RecordingService, Somebody
from gateway.tests.raw import head
from shared.wire.problems import Misdirected

UNSAFE = (
    ("POST", "/api/accounts"),
    ("POST", "/api/session"),
    ("DELETE", "/api/session"),
    ("PUT", "/api/password"),
    ("POST", "/api/threads/bob/messages"),
    ("POST", "/api/threads/bob/events"),
    ("POST", "/api/tictactoe/move"),
    ("POST", "/api/nothing"),
    ("PATCH", "/login"),
)


@pytest.mark.parametrize(("method", "path"), UNSAFE)
@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:{port}.evil.example",
        "http://evil.example:{port}",
        "file://",
    ],
)
async def test_an_unsafe_call_of_a_foreign_page_is_403(
    gateway: Gateway, threads: RecordingService, ann: Somebody, method: str, path: str, origin: str
) -> None:
    headers = {**gateway.cookie(ann), "Origin": origin.format(port=gateway.port)}
    answer = await gateway.call(method, path, headers=headers)
    assert (answer.status, answer.problem) == (403, "foreign-origin")
    assert threads.received == []


@pytest.mark.parametrize("origin", [None, "http://127.0.0.1:{port}", "http://localhost:{port}"])
async def test_an_unsafe_call_of_our_own_page_or_of_no_page_is_taken(
    gateway: Gateway, ann: Somebody, origin: str | None
) -> None:
    headers = gateway.cookie(ann) | ({"Origin": origin.format(port=gateway.port)} if origin else {})
    answer = await gateway.call("PUT", "/api/threads/bob/read", json={"seq": 1}, headers=headers)
    assert answer.status == 200


async def test_a_cross_site_fetch_is_403_even_without_an_origin(gateway: Gateway, ann: Somebody) -> None:
    headers = {**gateway.cookie(ann), "Sec-Fetch-Site": "cross-site"}
    refused = await gateway.call("PUT", "/api/threads/bob/read", json={"seq": 1}, headers=headers)
    assert (refused.status, refused.problem) == (403, "foreign-origin")
    assert (await gateway.call("GET", "/api/threads", headers=headers)).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", ""]
)
async def test_a_host_that_is_not_ours_is_421(gateway: Gateway, host: str) -> None:
    for path in ("/login", "/api/session", "/static/x/y"):
        async with await gateway.raw() as raw:
            named = host.format(port=gateway.port)
            await raw.send(f"GET {path} HTTP/1.1\r\nHost: {named}\r\n\r\n".encode())
            answer = await raw.answer()
            assert (answer.status, answer.problem) == (421, "misdirected")


async def test_probes_may_ask_for_health_by_any_name(gateway: Gateway) -> None:
    async with await gateway.raw() as raw:
        await raw.send(b"GET /health/live HTTP/1.1\r\nHost: 10.0.0.7:1\r\n\r\n")
        assert (await raw.answer()).json["status"] == "up"


async def test_a_public_url_replaces_the_local_names(start: Start, ann: Somebody) -> None:
    gateway = await start(public_url="https://Duet.example")
    for host, status in (
        ("duet.example", 204),
        ("duet.example:443", 204),
        (f"127.0.0.1:{gateway.port}", 421),
    ):
        async with await gateway.raw() as raw:
            lines = (f"Host: {host}", "Origin: https://duet.example", f"Cookie: __Host-duet={ann.token}")
            await raw.send("\r\n".join(["GET /robots.txt HTTP/1.1", *lines, "", ""]).encode())
            answer = await raw.answer()
            assert answer.status == (200 if status == 204 else status)
            assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


async def test_options_and_trace_are_refused(gateway: Gateway) -> None:
    for method in ("OPTIONS", "TRACE"):
        async with await gateway.raw() as raw:
            await raw.send(head(f"{method} /api/session HTTP/1.1", gateway.port))
            assert (await raw.answer()).status in (400, 405)


def site(**settings: object) -> Site:
    usual = {
        "listen": "x",
        "auth_url": "",
        "threads_url": "",
        "game_url": "",
        "media_url": "",
        "notify_url": "",
        "relay_urls": "",
    }
    return Site(GatewayConfig(**(usual | settings)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("198.51.100.7", ["203.0.113.9"], "198.51.100.7"),  # not one of our proxies: its word does not count
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["6.6.6.6, 203.0.113.9"], "203.0.113.9"),  # the left part is the client's own claim
        ("10.0.0.1", ["6.6.6.6, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", ["6.6.6.6", "203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("2001:db8::1", ["203.0.113.9"], "203.0.113.9"),
    ],
)
def test_only_trusted_proxies_say_where_a_client_is(peer: str, forwarded: list[str], address: str) -> None:
    assert site(trusted_proxies="10.0.0.0/8, 2001:db8::/32").client_address(peer, forwarded) == address


def test_without_trusted_proxies_the_peer_is_the_client() -> None:
    assert site().client_address("127.0.0.1", ["6.6.6.6"]) == "127.0.0.1"


def test_a_bound_address_is_one_of_our_names_and_a_wildcard_is_not() -> None:
    assert site(bind="192.0.2.4", port=1).hosts == {"127.0.0.1:1", "localhost:1", "192.0.2.4:1"}
    assert site(bind="0.0.0.0", port=1).hosts == {"127.0.0.1:1", "localhost:1"}  # noqa: S104
    assert site(bind="::", port=1).hosts == {"127.0.0.1:1", "localhost:1", "[::1]:1"}
    assert site(bind="0:0::1", port=1).origins == {
        "http://127.0.0.1:1",
        "http://localhost:1",
        "http://[::1]:1",
    }
    assert site(bind="Duet.LAN", port=1).hosts == {"127.0.0.1:1", "localhost:1", "duet.lan:1"}


@pytest.mark.parametrize("typed", ["[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]"])
async def test_a_gateway_at_every_ipv6_address_answers_at_the_loopback_however_it_is_typed(
    start: Start, typed: str
) -> None:
    gateway = await start(bind="::")
    reader, writer = await asyncio.open_connection("::1", gateway.port)
    writer.write(f"GET /login HTTP/1.1\r\nHost: {typed}:{gateway.port}\r\nConnection: close\r\n\r\n".encode())
    assert (await reader.read()).startswith(b"HTTP/1.1 200")
    writer.close()


@pytest.mark.parametrize(
    ("public_url", "asked", "address"),
    [
        ("", "127.0.0.1:8000", "http://127.0.0.1:8000/i/x"),
        ("", "LOCALHOST:8000", "http://localhost:8000/i/x"),
        ("https://Chat.example.org", "chat.example.org", "https://chat.example.org/i/x"),
        ("https://chat.example.org", "chat.example.org:443", "https://chat.example.org/i/x"),
        ("https://chat.example.org:8443", "chat.example.org:8443", "https://chat.example.org:8443/i/x"),
    ],
)
def test_a_link_is_of_the_name_that_was_asked(public_url: str, asked: str, address: str) -> None:
    assert site(public_url=public_url).address(asked, "/i/x") == address


def test_a_link_is_never_of_a_name_that_is_not_ours() -> None:
    with pytest.raises(Misdirected):
        site().address("evil.example", "/i/x")
