"""Pages and static files."""

import gzip
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from yarl import URL

from gateway.keys import STATIC
from gateway.static_files import StaticFiles
from gateway.tests.conftest import Gateway
from gateway.tests.fakes import FakeAuth, Somebody
from shared.testing.rawsocket import Answer
from shared.wire.problems import KINDS

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Encoding": "identity"}
PAGES = ("/", "/signup", "/login", "/tictactoe", "/api/docs", "/nothing")
PAGES_OF_ANN = ("/messages", "/messages/bob", "/settings", "/tictactoe", "/messages/nobody")


class Parsed(HTMLParser):
    """What the content security policy is about, and what a page links to."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []
        self._in_script = False
        self.text = answer.body.decode()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links += [value for name in ("src", "href") if (value := given.get(name))]
        self.ids += [given["id"] or ""] if "id" in given else []
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        data = given.get("type") == "application/json"  # never run: the policy is not about it
        if tag == "style" or (tag == "script" and "src" not in given and not data):
            self.inline.append(tag)


async def every_page(gateway: Gateway, ann: Somebody) -> list[tuple[str, Answer]]:
    pages = [(path, await gateway.call("GET", path, headers=HTML)) for path in PAGES]
    headers = HTML | gateway.cookie(ann)
    return pages + [(path, await gateway.call("GET", path, headers=headers)) for path in PAGES_OF_ANN]


async def test_every_page_carries_the_security_headers_and_nothing_inline(
    gateway: Gateway, ann: Somebody, bob: Somebody
) -> None:
    for path, answer in await every_page(gateway, ann):
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert part in policy
        assert "require-trusted-types-for 'script'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == ("no-cache" if path == "/api/docs" else "no-store")
        assert answer.headers["Server"] == "Duet"
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert Parsed(answer).inline == [], path


async def test_every_file_that_a_page_names_is_there_and_kept_for_ever(
    gateway: Gateway, ann: Somebody, bob: Somebody
) -> None:
    links = {link for _, answer in await every_page(gateway, ann) for link in Parsed(answer).links}
    files = {link for link in links if link.startswith("/static/")}
    assert len(files) > 10
    for link in files:
        answer = await gateway.call("GET", link)
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_no_page_has_an_id_twice(gateway: Gateway, ann: Somebody, bob: Somebody) -> None:
    for path, answer in await every_page(gateway, ann):
        ids = Parsed(answer).ids
        assert sorted(ids) == sorted(set(ids)), path


async def test_every_module_that_a_module_imports_is_there(gateway: Gateway) -> None:
    root = Path(__file__).parents[1] / "static"
    missing = [
        f"{module}: {path}"
        for module in root.rglob("*.js")
        for path in re.findall(r"""(?:from|import)\s*\(?["'](\.[^"']+)["']""", module.read_text())
        if not (module.parent / path).resolve().is_file()
    ]
    assert missing == []


async def test_a_page_comes_packed_to_those_who_take_it(gateway: Gateway) -> None:
    packed = await gateway.call("GET", "/login", headers={"Accept-Encoding": "gzip, br"})
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    plain = await gateway.call("GET", "/login", headers=HTML)
    assert gzip.decompress(packed.body) == plain.body


async def test_the_start_page_is_for_strangers_and_leads_others_on(gateway: Gateway, ann: Somebody) -> None:
    answer = await gateway.call("GET", "/", headers=HTML)
    assert answer.status == 200
    assert {"/signup", "/login", "/tictactoe"} <= set(Parsed(answer).links)
    answer = await gateway.call("GET", "/", headers=gateway.cookie(ann))
    assert (answer.status, answer.headers["Location"]) == (303, "/messages")


async def test_who_is_logged_in_needs_no_log_in_page(gateway: Gateway, ann: Somebody) -> None:
    for path in ("/login", "/signup"):
        answer = await gateway.call("GET", path, headers=gateway.cookie(ann))
        assert (answer.status, answer.headers["Location"]) == (303, "/messages")


@pytest.mark.parametrize("path", ["/messages", "/messages/bob", "/settings", "/messages/%C3%A9"])
async def test_who_is_not_logged_in_is_led_to_the_log_in_page_and_back(gateway: Gateway, path: str) -> None:
    answer = await gateway.call("GET", path)
    assert (answer.status, answer.headers["Location"]) == (303, f"/login?next={path}")


async def test_what_another_app_shares_is_still_there_after_logging_in(gateway: Gateway) -> None:
    answer = await gateway.call("GET", "/share?text=a%26b+c&url=https%3A%2F%2Fexample.org%2F%3Fq%3D1")
    onward = URL(answer.headers["Location"]).query["next"]
    assert URL(onward).query == {"text": "a&b c", "url": "https://example.org/?q=1"}


async def test_a_thread_page_names_its_peer(gateway: Gateway, ann: Somebody, bob: Somebody) -> None:
    answer = await gateway.call("GET", "/messages/BOB", headers=gateway.cookie(ann))
    assert answer.status == 200
    assert 'data-open-thread="bob"' in answer.body.decode()
    assert 'data-me="ann"' in answer.body.decode()


@pytest.mark.parametrize("name", ["ann", "ANN", "nobody", "%2e%2e", "a%00b", "%3Cscript%3E", "x" * 200])
async def test_nobody_and_oneself_have_no_thread_page(gateway: Gateway, ann: Somebody, name: str) -> None:
    answer = await gateway.call("GET", f"/messages/{name}", headers=gateway.cookie(ann) | HTML)
    assert answer.status == 404
    assert "There is nobody of that name" in answer.body.decode()
    assert "<script>" not in answer.body.decode()


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        *((f"{page}/", page) for page in ("/login", "/signup", "/messages", "/settings", "/tictactoe")),
        ("/messages/bob/", "/messages/bob"),
        ("/messages/bob//", "/messages/bob"),
        ("/Login", "/login"),
        ("/MESSAGES/", "/messages"),
        ("/Messages/Bob", "/messages/Bob"),
        ("/tictactoe/?game=ultimate&moves=a1", "/tictactoe?game=ultimate&moves=a1"),
        ("/messages/@bob", "/messages/bob"),
        ("/messages/%40bob/", "/messages/bob"),
        ("/messages//bob", "/messages/bob"),
        ("//messages///Bob/?x=1", "/messages/Bob?x=1"),
        ("/messages/bob%20", "/messages/bob"),
        ("/messages/%20@bob", "/messages/bob"),
        ("/@bob/", "/messages/bob"),
        ("//login/", "/login"),
        ("/login%20", "/login"),
        ("/api/docs/", "/api/docs"),
    ],
)
async def test_an_address_as_people_type_it_leads_to_the_page(
    gateway: Gateway, typed: str, page: str
) -> None:
    answer = await gateway.call("GET", typed)
    assert (answer.status, answer.headers["Location"]) == (303, page)


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "//evil.example/login",
        "/\\evil.example/",
        "/login/x",
        "/messages/a/b/",
        "/api/session/",
        "/live/",
        "//messages.evil.example/bob",
        "/@/evil.example",
        "/messages/%C3%A9/",
        "/messages/{{bob}}",
        "/messages//%7Bbob%7D/",
        "/messages/@",
        "/@b%2Fob",
    ],
)
async def test_other_addresses_lead_nowhere(gateway: Gateway, path: str) -> None:
    answer = await gateway.call("GET", path)
    assert answer.status == 404


async def test_names_enter_pages_as_text(gateway: Gateway, auth: FakeAuth) -> None:
    eve = auth.add('<script>alert(1)</script>"')
    answer = await gateway.call("GET", "/settings", headers=gateway.cookie(eve))
    assert "<script>alert" not in answer.body.decode()
    assert "&lt;script&gt;" in answer.body.decode()


async def test_an_error_is_a_page_for_browsers_and_a_problem_for_programs(gateway: Gateway) -> None:
    page = await gateway.call("GET", "/nothing", headers=HTML)
    assert (page.status, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "The address may be wrong" in page.body.decode()  # and not that a moment would help
    assert (await gateway.call("GET", "/nothing")).problem == "not-found"
    assert (await gateway.call("GET", "/api/nothing", headers=HTML)).problem == "not-found"
    wrong = await gateway.call("POST", "/login", headers=HTML)
    assert (wrong.status, wrong.headers["Allow"]) == (405, "GET, HEAD")


async def test_a_refusal_before_the_router_is_a_page_too(gateway: Gateway, auth: FakeAuth) -> None:
    answer = await gateway.call("GET", "/login", headers=HTML | {"Host": "evil.example"})
    assert (answer.status, answer.headers["Content-Type"]) == (421, "text/html; charset=utf-8")
    await auth.stop()
    headers = HTML | {"Cookie": f"duet_{gateway.port}=x"}
    away = await gateway.call("GET", "/messages", headers=headers)
    assert (away.status, away.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert away.headers["Retry-After"]


async def test_head_works_on_pages(gateway: Gateway) -> None:
    get = await gateway.call("GET", "/login")
    head = await gateway.call("HEAD", "/login")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


async def test_a_file_comes_packed_to_those_who_take_it(gateway: Gateway) -> None:
    url = f"/static/{gateway.app[STATIC].hash}/css/tokens.css"
    packed = await gateway.call("GET", url, headers={"Accept-Encoding": "br, gzip"})
    plain = await gateway.call("GET", url, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.body) == plain.body
    for answer in (packed, plain):
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Content-Type"] == "text/css; charset=utf-8"


async def test_who_has_a_file_is_not_sent_it_again(gateway: Gateway) -> None:
    url = f"/static/{gateway.app[STATIC].hash}/css/tokens.css"
    etag = (await gateway.call("GET", url)).headers["ETag"]
    again = await gateway.call("GET", url, headers={"If-None-Match": etag})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)


async def test_a_page_of_an_earlier_version_still_finds_its_files(gateway: Gateway) -> None:
    old = await gateway.call("GET", "/static/0123456789ab/css/tokens.css")
    assert (old.status, old.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "path", ["css/nothing.css", "../app.py", "%2e%2e/app.py", "css", "..%2fapp.py", "/etc/passwd", "css/"]
)
async def test_only_static_files_are_served(gateway: Gateway, path: str) -> None:
    answer = await gateway.call("GET", f"/static/{gateway.app[STATIC].hash}/{path}")
    assert answer.status == 404


def test_one_changed_file_gives_all_a_new_address(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    (tmp_path / "b.js").write_text("1")
    before = StaticFiles(tmp_path).url("a.js")
    assert StaticFiles(tmp_path).url("a.js") == before
    (tmp_path / "b.js").write_text("2")
    assert StaticFiles(tmp_path).url("a.js") != before
    with pytest.raises(KeyError):
        StaticFiles(tmp_path).url("c.js")


def test_in_development_a_change_shows_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.static_files._REREAD_AFTER_S", -1)
    (tmp_path / "a.js").write_text("1")
    files = StaticFiles(tmp_path, reread=True)
    before = files.url("a.js")
    (tmp_path / "a.js").write_text("2")
    assert files.url("a.js") != before


async def test_search_engines_may_find_what_duet_is_and_nobody_in_it(gateway: Gateway) -> None:
    told = (await gateway.call("GET", "/robots.txt")).body.decode().splitlines()
    assert told[0] == "User-agent: *"
    for path in ("/messages/bob", "/i/token", "/api/users", "/share?text=x"):
        assert any(path.startswith(line.removeprefix("Disallow: ")) for line in told[1:]), path
    assert not any("/login".startswith(line.removeprefix("Disallow: ")) for line in told[1:])
    assert (await gateway.call("GET", "/favicon.ico")).headers["Content-Type"].startswith("image/svg+xml")


async def test_the_docs_page_has_an_anchor_for_every_problem_and_no_dead_one(gateway: Gateway) -> None:
    page = Parsed(await gateway.call("GET", "/api/docs"))
    assert {f"problem-{code}" for code in KINDS} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    dead = [link for link in page.links if link.startswith("#") and link[1:] not in page.ids]
    assert dead == []


@pytest.mark.parametrize("path", ["/api/docs", "/api/openapi.json", "/api/asyncapi.json"])
async def test_a_document_is_made_once_and_sent_once_to_who_keeps_it(gateway: Gateway, path: str) -> None:
    first = await gateway.call("GET", path)
    assert first.headers["Cache-Control"] == "no-cache"
    known = await gateway.call("GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert (known.status, known.body) == (304, b"")
    before = time.process_time()
    for _ in range(100):
        assert (await gateway.call("GET", path)).body == first.body
    assert time.process_time() - before < 0.5  # making one takes some 10 ms
    packed = await gateway.call("GET", path, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.body) == first.body


async def test_a_document_names_the_host_that_it_was_asked_at(gateway: Gateway) -> None:
    for host in (f"127.0.0.1:{gateway.port}", f"localhost:{gateway.port}"):
        document = await gateway.call("GET", "/api/asyncapi.json", headers={"Host": host})
        assert document.json["servers"]["gateway"]["host"] == host
