"""Forwarding: what reaches a service, and what comes back."""

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import web

from gateway.keys import UPSTREAMS
from gateway.tests.conftest import Gateway, Start
from gateway.tests.fakes import FakeAuth, RecordingService, Somebody, user_of
from shared.plumbing.http import client as http_client
from shared.plumbing.http.web import problem_response
from shared.plumbing.identity import BadToken
from shared.wire.problems import Problem, Unauthenticated

SEND = {"client_id": "018f3b1e-0000-7000-8000-000000000001", "text": "hi"}


async def test_a_call_reaches_its_service_unchanged(
    gateway: Gateway, threads: RecordingService, ann: Somebody
) -> None:
    answer = await gateway.call(
        "POST", "/api/threads/bob/messages?x=%2F&y=a+b", json=SEND, headers=gateway.cookie(ann)
    )
    assert answer.status == 200
    assert answer.json == {"fine": True}
    (received,) = threads.received
    assert (received.method, received.target) == ("POST", "/api/threads/bob/messages?x=%2F&y=a+b")
    assert json.loads(received.body) == SEND
    assert received.headers["Content-Type"] == ["application/json"]


async def test_a_service_is_told_the_user_and_nothing_the_client_claims(
    gateway: Gateway, threads: RecordingService, ann: Somebody, keys: Path
) -> None:
    forged = {
        **gateway.cookie(ann),
        "Authorization": "Bearer forged",
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "https",
        "X-Internal-User": "1",
        "X-Request-Id": "mine",
        "Connection": "keep-alive, X-Hop",
        "X-Hop": "1",
    }
    answer = await gateway.call("GET", "/api/threads", headers=forged)
    (received,) = threads.received
    assert set(received.headers) == {"Host", "Authorization", "X-Request-ID", "X-Forwarded-For"}
    assert received.headers["X-Forwarded-For"] == ["127.0.0.1"]
    assert received.headers["X-Request-ID"] == [answer.headers["X-Request-Id"]] != ["mine"]
    user = user_of(received, "threads", keys)
    assert user is not None
    assert (user.id, user.username, user.session) == (ann.id, "ann", ann.session)


async def test_the_ai_move_is_forwarded_without_a_user(
    gateway: Gateway, game: RecordingService, ann: Somebody, keys: Path
) -> None:
    for headers in ({}, gateway.cookie(ann)):
        await gateway.call("POST", "/api/tictactoe/move", json={"board": "........."}, headers=headers)
    assert [user_of(received, "game", keys) for received in game.received] == [None, None]


async def test_only_known_headers_come_back(
    gateway: Gateway, threads: RecordingService, ann: Somebody
) -> None:
    answer = await gateway.call("GET", "/api/threads", headers=gateway.cookie(ann))
    assert "X-Secret" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_service_s_problem_passes_through_with_its_retry_after(
    gateway: Gateway, threads: RecordingService, ann: Somebody
) -> None:
    async def refuse() -> web.Response:
        return web.Response(
            status=429,
            body=b'{"status":429}',
            content_type="application/problem+json",
            headers={"Retry-After": "7"},
        )

    threads.answer = refuse
    answer = await gateway.call("GET", "/api/threads", headers=gateway.cookie(ann))
    assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/session"),
        ("DELETE", "/api/session"),
        ("GET", "/api/sessions"),
        ("DELETE", "/api/sessions"),
        ("DELETE", "/api/sessions/018f3b1e-0000-7000-8000-000000000001"),
        ("PUT", "/api/password"),
        ("GET", "/api/users"),
        ("GET", "/api/threads"),
        ("GET", "/api/threads/bob/messages"),
        ("GET", "/api/threads/bob/events"),
        ("GET", "/api/threads/bob/messages/1/history"),
        ("POST", "/api/threads/bob/messages"),
        ("POST", "/api/threads/bob/events"),
        ("PUT", "/api/threads/bob/read"),
        ("GET", "/api/search?q=x"),
    ],
)
@pytest.mark.parametrize("cookie", ["", "unknown", "x" * 4000])
async def test_a_call_without_a_live_session_is_refused_and_goes_nowhere(
    gateway: Gateway, threads: RecordingService, auth: FakeAuth, method: str, path: str, cookie: str
) -> None:
    headers = {"Cookie": f"duet_{gateway.port}={cookie}"} if cookie else {}
    answer = await gateway.call(method, path, headers=headers)
    assert (answer.status, answer.problem) == (401, "unauthenticated")
    assert threads.received == []
    assert auth.received == []


async def test_an_unknown_path_is_404_and_a_wrong_method_405_with_allow(gateway: Gateway) -> None:
    unknown = await gateway.call("GET", "/api/nothing")
    assert (unknown.status, unknown.problem) == (404, "not-found")
    wrong = await gateway.call("PATCH", "/api/session")
    assert (wrong.status, wrong.problem) == (405, "method-not-allowed")
    assert wrong.headers["Allow"] == "DELETE, GET, HEAD, POST"


async def test_internal_paths_cannot_be_reached(gateway: Gateway, auth: FakeAuth, ann: Somebody) -> None:
    for path in (
        "/internal/login",
        "/api/../internal/login",
        "/api/threads/..%2F..%2Finternal%2Flogin",
        "/api/sessions/..%2f..%2finternal",
        "/metrics",
    ):
        async with await gateway.raw() as raw:
            cookie = gateway.cookie(ann)["Cookie"]
            await raw.send(
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{gateway.port}\r\nCookie: {cookie}\r\n\r\n".encode()
            )
            assert (await raw.answer()).status in (404, 405)
    assert auth.received == []


async def test_a_body_over_64_kib_is_refused_before_the_service_hears_of_it(
    gateway: Gateway, game: RecordingService
) -> None:
    async def chunks() -> object:
        for _ in range(70):
            yield b"x" * 1024

    for body in (b"x" * 65_537, chunks()):
        answer = await gateway.call("POST", "/api/tictactoe/move", data=body)
        assert (answer.status, answer.problem) == (413, "too-large")
    assert game.received == []
    whole = await gateway.call("POST", "/api/tictactoe/move", data=b"x" * 65_536)
    assert whole.status == 200
    assert len(game.received[0].body) == 65_536


async def test_a_service_that_is_away_is_a_503_that_says_when_to_come_back(
    gateway: Gateway, threads: RecordingService, ann: Somebody
) -> None:
    await threads.stop()
    answer = await gateway.call("GET", "/api/threads", headers=gateway.cookie(ann))
    assert (answer.status, answer.problem) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("refusal", "status"), [(BadToken("not valid"), 503), (Unauthenticated("ended just now"), 401)]
)
async def test_a_401_about_our_own_token_tells_nobody_to_log_in(
    gateway: Gateway, threads: RecordingService, ann: Somebody, refusal: Problem, status: int
) -> None:
    async def refuse() -> web.Response:
        return problem_response(refusal)

    threads.answer = refuse
    answer = await gateway.call("GET", "/api/threads", headers=gateway.cookie(ann))
    assert (answer.status, "WWW-Authenticate" in answer.headers) == (status, False)


async def test_a_gateway_that_auth_does_not_believe_logs_nobody_out(
    start: Start, real_auth: str, tmp_path: Path
) -> None:
    gateway = await start(auth_url=real_auth, keys_dir=tmp_path / "keys-of-its-own")
    headers = {"Cookie": f"duet_{gateway.port}=somebodys"}
    body = {"username": "ann", "password": "violet teapot rides 9 trams"}
    for answer in (
        await gateway.call("POST", "/api/session", json=body),
        await gateway.call("GET", "/api/session", headers=headers),
        await gateway.call("GET", "/messages", headers=headers),
    ):
        assert answer.status == 503
        assert "Set-Cookie" not in answer.headers


async def test_a_restarted_service_is_found_again(
    gateway: Gateway, threads: RecordingService, ann: Somebody
) -> None:
    headers = gateway.cookie(ann)
    assert (await gateway.call("GET", "/api/threads", headers=headers)).status == 200
    await threads.stop()
    await threads.start()
    assert (await gateway.call("GET", "/api/threads", headers=headers)).status == 200


async def test_answers_never_reach_another_caller_when_requests_are_cancelled(
    gateway: Gateway, threads: RecordingService, ann: Somebody
) -> None:
    service = gateway.app[UPSTREAMS]["threads"]
    gates: dict[str, asyncio.Event] = {}

    async def echo_target() -> web.Response:
        target = threads.received[-1].target
        if gate := gates.get(target):
            await gate.wait()
        return web.Response(body=target.encode())

    threads.answer = echo_target
    gates["/slow"] = asyncio.Event()
    slow = asyncio.create_task(service.ask(b"GET /slow HTTP/1.1\r\nHost: threads\r\n\r\n"))
    while not threads.received:
        await asyncio.sleep(0)
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    gates["/slow"].set()
    answers = await asyncio.gather(
        *(service.ask(f"GET /{n} HTTP/1.1\r\nHost: threads\r\n\r\n".encode()) for n in range(50))
    )
    assert [answer.status for answer in answers] == [200] * 50


async def test_callers_do_not_queue_for_long_behind_a_service_that_hangs(
    gateway: Gateway, threads: RecordingService, ann: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_client, "_QUEUE_TIMEOUT_S", 0.2)
    hung = gateway.app[UPSTREAMS]["threads"]
    monkeypatch.setattr(hung, "_places", asyncio.Semaphore(1))
    gate = asyncio.Event()

    async def hang() -> web.Response:
        await gate.wait()
        return web.Response()

    threads.answer = hang
    first = asyncio.create_task(gateway.call("GET", "/api/threads", headers=gateway.cookie(ann)))
    while not threads.received:
        await asyncio.sleep(0)
    second = await gateway.call("GET", "/api/threads", headers=gateway.cookie(ann))
    assert (second.status, second.problem) == (503, "unavailable")
    gate.set()
    assert (await first).status == 200


async def test_a_service_that_never_answers_is_a_503(
    gateway: Gateway, threads: RecordingService, ann: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert http_client.TIMEOUT_S == 5
    monkeypatch.setattr(gateway.app[UPSTREAMS]["threads"], "_timeout_s", 0.2)
    gate = asyncio.Event()

    async def hang() -> web.Response:
        await gate.wait()
        return web.Response()

    threads.answer = hang
    answer = await gateway.call("GET", "/api/threads", headers=gateway.cookie(ann))
    assert (answer.status, answer.problem) == (503, "unavailable")
    gate.set()


async def test_head_is_answered_like_get_without_a_body(
    gateway: Gateway, threads: RecordingService, ann: Somebody
) -> None:
    answer = await gateway.call("HEAD", "/api/threads", headers=gateway.cookie(ann))
    assert answer.status == 200
    assert answer.body == b""
    assert answer.headers["Content-Length"] == "14"
    assert threads.received[0].method == "GET"


async def test_the_real_game_answers_through_the_gateway(start: Start, real_game: str) -> None:
    gateway = await start(game_url=real_game)
    answer = await gateway.call("POST", "/api/tictactoe/move", json={"board": "X...O...."})
    assert answer.status == 200
    assert answer.json["player"] == "X"
    refused = await gateway.call("POST", "/api/tictactoe/move", json={"board": "XXX......"})
    assert (refused.status, refused.problem) == (422, "invalid")
