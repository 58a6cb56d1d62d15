"""Who may call what: every route refuses callers it is not meant for."""

from itertools import product
from uuid import UUID

from services.auth.routes import ROUTES
from services.auth.tests.driver import Driver
from shared.plumbing.identity import User

_FOR = {
    "/internal/accounts": {"gateway"},
    "/internal/login": {"gateway"},
    "/internal/password": {"gateway"},
    "/internal/invites": {"gateway"},
    "/internal/invites/look": {"gateway"},
    "/internal/invites/use": {"gateway"},
    "/internal/sessions/check": {"gateway"},
    "/internal/sessions/ended": {"gateway", "relay"},
    "/internal/sessions/over": {"relay", "notify"},
    "/internal/users/by-name": {"gateway", "relay", "threads", "game"},
    "/internal/users/by-id": {"gateway", "relay", "threads", "game", "notify"},
    "/internal/users/seen": {"relay"},
}
_PROGRAMS = ("gateway", "relay", "threads", "game", "notify", "media")
_ALL = [(route.method, route.path.format(id=UUID(int=4))) for route in ROUTES]


async def test_a_call_without_a_token_for_auth_is_a_401(auth: Driver) -> None:
    forged: tuple[dict[str, str], ...] = (
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic YW5uOng="},
        {"X-Internal-User": "1", "X-Forwarded-User": "ann"},
        auth.tokens.program("gateway", audience="threads"),
    )
    for (method, path), headers in product(_ALL, forged):
        answer = await auth.ask(method, path, headers=headers)
        assert (answer.status, answer.problem.code) == (401, "unauthenticated")


async def test_a_private_call_is_for_the_named_programs_only(auth: Driver) -> None:
    private = [route for route in _ALL if route[1].startswith("/internal/")]
    assert {path for _, path in private} == set(_FOR)
    for (method, path), program in product(private, _PROGRAMS):
        status = (await auth.as_program(method, path, {}, program=program)).status
        assert (status == 403) == (program not in _FOR[path]), (path, program)


async def test_a_token_that_names_a_user_opens_no_private_call(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    for method, path in _ALL:
        if path.startswith("/internal/"):
            assert (await ann.ask(method, path, {})).status == 403, path


async def test_a_public_call_needs_a_user(auth: Driver) -> None:
    public = [route for route in _ALL if route[1].startswith("/api/")]
    for (method, path), program in product(public, _PROGRAMS):
        assert (await auth.as_program(method, path, program=program)).status == 401, (method, path)


async def test_only_the_gateway_speaks_for_users(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    token = auth.tokens.signer("relay").token("auth", User(ann.id, ann.username, ann.session))
    answer = await auth.ask("GET", "/api/session", headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 401
