"""The page of an invitation: what each guest is told, and that its address stays a secret."""

from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from gateway import guests
from gateway.tests.conftest import Gateway
from gateway.tests.fakes import FakeAuth, Somebody
from gateway.tests.test_pages import HTML, Parsed
from shared.plumbing.http.web import json_response, problem_response
from shared.wire.games import InvitedGame
from shared.wire.invites import Invited, InviteState
from shared.wire.problems import NotFound
from shared.wire.tictactoe import VariantSpec

TOKEN = "abcdefghijklmnopqrstuvwx"


def answers(
    auth: FakeAuth,
    state: InviteState = "open",
    *,
    inviter: int = 99,
    used_by: int | None = None,
    name: str = "Zoe",
    game: InvitedGame | None = None,
) -> None:
    """What auth says of any token."""

    async def answer() -> web.Response:
        return json_response(Invited(UUID(int=1), inviter, "zoe", name, state, used_by, game))

    auth.answer = answer


async def shown(gateway: Gateway, who: Somebody | None = None, path: str = f"/i/{TOKEN}") -> tuple[int, str]:
    answer = await gateway.call("GET", path, headers=HTML | (gateway.cookie(who) if who else {}))
    return answer.status, answer.body.decode()


async def test_each_guest_is_told_what_they_can_do(gateway: Gateway, auth: FakeAuth, ann: Somebody) -> None:
    told: list[tuple[dict[str, Any], Somebody | None, int, tuple[str, ...]]] = [
        ({}, None, 200, ("Zoe invites you to chat", "guest-form", "Been here before?")),
        ({}, ann, 200, ("Zoe invites you to chat", "accept-form", "Accept")),
        ({"inviter": ann.id}, ann, 200, ("This is your own invitation", "/messages")),
        ({"state": "used", "used_by": ann.id}, ann, 200, ("Zoe invites you to chat", "Open the chat")),
        ({"state": "used"}, ann, 410, ("This invitation has been used", "Ask Zoe", "/messages")),
        ({"state": "used"}, None, 410, ("Ask Zoe", "/login?next=/messages/zoe")),
        ({"state": "taken-back"}, None, 410, ("This invitation was taken back", "What is Duet?")),
        ({"state": "expired"}, None, 410, ("This invitation has expired", "seven days", "Ask Zoe")),
    ]
    for invited, who, status, words in told:
        answers(auth, **invited)
        answer = await shown(gateway, who)
        assert answer[0] == status
        assert [each for each in words if each not in answer[1]] == [], invited
    assert {each.target for each in auth.received} == {"/internal/invites/look"}  # nothing is used


async def test_what_is_no_invitation_is_a_404(gateway: Gateway, auth: FakeAuth) -> None:
    async def unknown() -> web.Response:
        return problem_response(NotFound())

    auth.answer = unknown
    for path in (f"/i/{TOKEN}", "/i/x", "/i/%C3%A9", "/i/%FF", f"/i/{'x' * 65}", "/i/a%2Fb", "/i/..%2F"):
        status, text = await shown(gateway, path=path)
        assert status == 404, path
        assert "There is no such invitation" in text or "There is nothing here" in text, path
    assert len(auth.received) == 2  # of the others none can be one


@pytest.mark.parametrize(
    ("offered", "words", "lines"),
    [
        (InvitedGame(), "You play O, against Zoe.", 4),
        (InvitedGame("peer", "hard"), "You play X and start, against the AI (hard).", 4),
        (InvitedGame(spec=VariantSpec("ultimate"), toss=True), "Lots are drawn", 16 + 4),
        (InvitedGame(spec=VariantSpec("mnk", 6, 5, 4)), "tic-tac-toe on 6 × 5, 4 in a row", 5 + 4),
    ],
)
async def test_a_game_is_named_with_its_board_drawn(
    gateway: Gateway, auth: FakeAuth, offered: InvitedGame, words: str, lines: int
) -> None:
    answers(auth, game=offered)
    _, text = await shown(gateway)
    assert words in text
    board = text[text.index("invite-board") : text.index("</svg>", text.index("invite-board"))]
    assert board.count("V") + board.count("H") == lines


async def test_the_address_is_told_to_nobody(gateway: Gateway, auth: FakeAuth, ann: Somebody) -> None:
    answers(auth)
    for who in (None, ann):
        headers = HTML | (gateway.cookie(who) if who else {})
        answer = await gateway.call("GET", f"/i/{TOKEN}", headers=headers)
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["Cache-Control"] == "no-store"
        assert TOKEN not in answer.body.decode()
        assert Parsed(answer).inline == []


async def test_a_name_is_text(gateway: Gateway, auth: FakeAuth) -> None:
    answers(auth, name='<script>alert("x")</script>')
    assert "<script>alert" not in (await shown(gateway))[1]


async def test_what_fails_is_logged_without_the_address(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> Invited:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(guests, "look", fail)
    with capture_logs() as logs:
        assert (await shown(gateway))[0] == 500
    assert "/i/{token}" in str(logs)
    assert TOKEN not in str(logs)
