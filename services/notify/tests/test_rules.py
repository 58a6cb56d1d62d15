"""What needs no program: endpoints, addresses, words, times, topics."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import AddressFamily
from typing import Any
from uuid import UUID

import pytest
from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client import ClientSession
from aiohttp.client_exceptions import ClientConnectorError

from services.notify import vapid, words
from services.notify.addresses import PublicResolver, is_public
from services.notify.endpoints import Endpoints
from services.notify.events import told_by
from services.notify.queries.notices import Due
from services.notify.queries.subscriptions import Target
from services.notify.retry import asked_for, wait
from shared.testing.push_service import Browser, check_vapid
from shared.wire import codec
from shared.wire.games import Game, Score, Seat, Seats
from shared.wire.log_calls import Logged
from shared.wire.tictactoe import VariantSpec

_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("https://fcm.googleapis.com/fcm/send/a:b-c_d", "fcm.googleapis.com"),
        ("https://updates.push.services.mozilla.com/wpush/v2/gAAA", "updates.push.services.mozilla.com"),
        ("https://wns2-by3p.notify.windows.com/w/?token=BQYA%3d%3d", "wns2-by3p.notify.windows.com"),
        ("https://web.push.apple.com/Q", "web.push.apple.com"),
        ("https://push.example:8443/x", "push.example:8443"),
        ("https://a.b.push.example:8443/x", "a.b.push.example:8443"),
    ],
)
def test_endpoints_of_known_push_services_are_taken(endpoint: str, host: str) -> None:
    assert Endpoints(["push.example:8443", "*.push.example:8443"]).host(endpoint) == host


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com:0/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evilfcm.googleapis.com/x",
        "https://push.services.mozilla.com/x",
        "https://evil-push.services.mozilla.com.example/x",
        "https://evil.example/?https://fcm.googleapis.com/x",
        "https://fcm.googleapis.com@evil.example/x",
        "https://ann:secret@fcm.googleapis.com/x",
        "https://fcm.googleapis.com\\@evil.example/x",
        "https://evil.example\\.push.services.mozilla.com/x",
        "https://evil.example#.push.services.mozilla.com/x",
        "https://evil.example/.push.services.mozilla.com/x#y",
        "https://fcm.googleapis.com./x",
        "https://FCM.googleapis.com/x",
        "https://fcm。googleapis.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://2130706433/x",
        "https://localhost/x",
        " https://fcm.googleapis.com/x",
        "https://fcm.googleapis.com/x\n",
        "https://fcm.googleapis.com/x y",
        "https://fcm.googleapis.com/" + "x" * 2048,
        "",
    ],
)
def test_any_other_endpoint_is_refused(endpoint: str) -> None:
    assert Endpoints().host(endpoint) is None


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("142.250.1.95", True),
        ("2a00:1450:4001::95", True),
        ("64:ff9b::8efa:15f", True),
        *(
            (address, False)
            for address in (
                "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
                "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
                "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::", "2001:0:1::", "2001:db8::1", "64:ff9b::7f00:1",
                "64:ff9b::a9fe:a9fe",
            )
        ),
    ],
)  # fmt: skip
def test_only_addresses_of_the_internet_are_public(address: str, public: bool) -> None:
    assert is_public(address) == public


class Rebinding(AbstractResolver):
    """A name server that says another thing each time."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=one, port=port, family=AddressFamily.AF_INET, proto=0, flags=0)
            for one in self.answers.pop(0).split()
        ]

    async def close(self) -> None:
        pass


async def test_a_name_that_leads_to_a_private_address_later_leads_nowhere() -> None:
    resolver = PublicResolver(Rebinding("142.250.1.95", "142.250.1.95 10.0.0.1", "127.0.0.1"))
    assert [one["host"] for one in await resolver.resolve("push.example")] == ["142.250.1.95"]
    assert [one["host"] for one in await resolver.resolve("push.example")] == ["142.250.1.95"]
    async with ClientSession(connector=TCPConnector(resolver=resolver)) as http:
        with pytest.raises(ClientConnectorError, match="no public address"):
            await http.post("https://push.example/x")


def test_a_push_of_the_longest_texts_is_no_longer_than_services_take() -> None:
    browser = Browser("bob", "https://push.example", "")
    asked = browser.subscription()
    target = Endpoints(["push.example"]).target(asked)
    for character in ("\x01", "😀", "ä", "x"):
        due = _due(target, peer_name="a" * 32)
        said = words.push(due, character * 64, "t" * 32, 2**63 - 1, character * 4000)
        assert browser.decrypted(words.encrypted(said, target)) == said
        assert said.body == character * 499 + "…"


def test_a_message_without_a_text_is_said_to_be_one_all_the_same() -> None:
    target = Target("", "", b"", b"")
    assert words.push(_due(target), "Ann", "t", 1, "").body == "Sent you something"
    assert words.push(_due(target, hide_text=True), "Ann", "t", 1, "").body == "New message"


def _due(target: Target, *, peer_name: str = "ann", hide_text: bool = False) -> Due:
    return Due(1, 2, 3, peer_name, "message", 4, _NOW, 0, 0, 5, UUID(int=6), hide_text, target)


def test_a_push_is_tried_again_ever_more_slowly_and_never_past_its_time() -> None:
    def seconds(
        failures: int, asked: float | None = None, age_s: float = 0, chance: float = 0.5
    ) -> float | None:
        found = wait(
            failures,
            None if asked is None else timedelta(seconds=asked),
            _NOW - timedelta(seconds=age_s),
            _NOW,
            chance,
        )
        return None if found is None else found.total_seconds()

    assert [seconds(failures) for failures in (0, 1, 2, 8, 9, 1000)] == [2, 4, 8, 512, 900, 900]
    assert (seconds(0, chance=0), seconds(0, chance=1)) == (1.5, 2.5)
    assert (seconds(0, 60), seconds(5, 1)) == (60, 64)
    assert (seconds(0, age_s=86_397), seconds(0, age_s=86_399), seconds(0, 86_400)) == (2, None, None)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        ("120", 120),
        ("99999999999999", 86_400),
        ("Fri, 02 Jan 2026 03:05:05 GMT", 60),
        ("Fri, 02 Jan 2026 03:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("１２", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    found = asked_for(header, _NOW)
    assert (found and found.total_seconds()) == seconds or (found == timedelta(0) and seconds == 0)


def test_a_token_is_kept_for_each_push_service_and_a_topic_tells_nothing(tmp_path: Path) -> None:
    ours = vapid.load(tmp_path, "mailto:ann@duet.example")
    header = ours.authorization("https://a.example")
    assert ours.authorization("https://a.example") == header
    check_vapid(header, "https://a.example", ours.public_key)
    check_vapid(ours.authorization("https://b.example"), "https://b.example", ours.public_key)
    topics = {ours.topic(user, thread) for user in (1, 2) for thread in (1, 2)}
    assert len(topics) == 4
    assert {len(topic) for topic in topics} == {32}
    assert vapid.load(tmp_path, "").topic(1, 1) in topics
    assert vapid.load(tmp_path / "other", "").topic(1, 1) not in topics


def _event(kind: str, body: str, sender: int = 11) -> Logged:
    return Logged(1, 5, 11, 12, "ann", "bob", kind, sender, body, _NOW)


def _game(**changes: Any) -> str:
    game: dict[str, Any] = {
        "id": UUID(int=1), "version": 1, "what": "offered", "by": "ann", "at": _NOW, "offered_by": "ann",
        "spec": VariantSpec(), "seats": Seats(Seat("ann"), Seat("bob")), "phase": "offered", "status": "playing",
        "score": Score({"ann": 0, "bob": 0}, 0),
    }  # fmt: skip
    return codec.encode(Game(**(game | changes))).decode()


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        ("message", "hello", ("bob", "message")),
        ("joined", "{}", ("bob", "joined")),
        ("edit", '{"target":1,"text":"x"}', None),
        ("reaction", '{"target":1,"emoji":"👍"}', None),
        ("delete", '{"target":1}', None),
        ("game", "{}", None),
        ("game", _game(), ("bob", "offer")),
        ("game", _game(what="withdrawn", phase="withdrawn"), None),
        ("game", _game(what="accepted", by="bob", phase="playing", turn="X"), ("ann", "move")),
        ("game", _game(what="accepted", by="bob", phase="playing", turn="O"), None),
        ("game", _game(what="moved", phase="playing", turn="O"), ("bob", "move")),
        ("game", _game(what="moved", phase="finished", status="X"), None),
        ("game", _game(what="draw-offered", phase="playing", turn="X", draw="X"), ("bob", "draw")),
        ("game", _game(what="takeback-offered", phase="playing", turn="O", takeback="X"), ("bob", "takeback")),
        ("game", _game(what="moved", by=None, phase="playing", turn="X"), None),
        ("game", _game(what="moved", seats=Seats(Seat("ann"), Seat(level="easy")), phase="playing", turn="O"), None),
    ],
)  # fmt: skip
def test_who_is_told_of_what(kind: str, body: str, told: tuple[str, str] | None) -> None:
    found = told_by(_event(kind, body))
    names = {11: "ann", 12: "bob"}
    assert (found and (names[found.user], found.what)) == told
    assert found is None or (found.peer + found.user, found.peer_name) == (23, names[23 - found.user])
