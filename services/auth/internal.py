"""Calls by other programs: parse, call, serialize. Declared in routes.py, with these first lines as summaries."""

from collections.abc import Sequence

from aiohttp import web

from services.auth import ai
from services.auth.keys import ACCOUNTS, DATABASE, INVITATIONS
from services.auth.queries import sessions, settings, users
from services.auth.tokens import digest
from shared.plumbing.http.web import allow, at_most, json_response, read_json
from shared.wire.accounts import (
    CheckedSessions,
    CheckSessions,
    Credentials,
    EndedSessions,
    NewAccount,
    OpenSessions,
    PasswordChange,
    Profiles,
    ProfilesById,
    ProfilesByName,
    Seen,
)
from shared.wire.ids import fold, is_username
from shared.wire.invites import LookAtInvite, MakeInvite, UseInvite

_MAX_TOKENS = 256
_MAX_NAMES = 256
_MAX_IDS = 1000
_MAX_ID = 2**63 - 1


@allow("gateway")
async def create_account(request: web.Request) -> web.Response:
    """Sign up and log in."""
    wanted = await read_json(request, NewAccount)
    return json_response(await request.app[ACCOUNTS].sign_up(wanted), status=201)


@allow("gateway")
async def log_in(request: web.Request) -> web.Response:
    """Log in; ends the session presented."""
    given = await read_json(request, Credentials)
    return json_response(await request.app[ACCOUNTS].log_in(given))


@allow("gateway")
async def change_password(request: web.Request) -> web.Response:
    """Change the password; ends all sessions, and opens a new one in place of the caller's."""
    change = await read_json(request, PasswordChange)
    return json_response(await request.app[ACCOUNTS].change_password(change))


@allow("gateway")
async def make_invite(request: web.Request) -> web.Response:
    """A new invitation, and the token of its link."""
    wanted = await read_json(request, MakeInvite)
    return json_response(await request.app[INVITATIONS].make(wanted), status=201)


@allow("gateway")
async def look_at_invite(request: web.Request) -> web.Response:
    """What an invitation is, and whether it is over; changes nothing."""
    return json_response(await request.app[INVITATIONS].look(await read_json(request, LookAtInvite)))


@allow("gateway")
async def use_invite(request: web.Request) -> web.Response:
    """Tie an invitation to who accepts it; for them the answer stays the same."""
    return json_response(await request.app[INVITATIONS].use(await read_json(request, UseInvite)))


@allow("gateway")
async def check_sessions(request: web.Request) -> web.Response:
    """Whose sessions these are, at most 256."""
    asked = await read_json(request, CheckSessions)
    at_most(_MAX_TOKENS, asked.tokens, "/tokens")
    hashes = [digest(token) for token in asked.tokens]
    async with request.app[DATABASE].connection() as conn:
        found = await sessions.use(conn, hashes)
    return json_response(CheckedSessions([found.get(hash) for hash in hashes]))


@allow("gateway", "relay")
async def ended_sessions(request: web.Request) -> web.Response:
    """The sessions that ended in the last 90 s, and the settings that were changed."""
    async with request.app[DATABASE].connection() as conn:
        ended = await sessions.ended(conn)
        return json_response(EndedSessions(ended, await settings.changed(conn, sessions.LISTED_AS_ENDED)))


@allow("relay", "notify")
async def sessions_over(request: web.Request) -> web.Response:
    """Which of these sessions live no more, at most 1000."""
    asked = await read_json(request, OpenSessions)
    at_most(_MAX_IDS, asked.sessions, "/sessions")
    async with request.app[DATABASE].connection() as conn:
        return json_response(EndedSessions(await sessions.over(conn, asked.sessions)))


@allow("gateway", "relay", "threads", "game")
async def profiles_by_name(request: web.Request) -> web.Response:
    """People by username, at most 256."""
    asked = await read_json(request, ProfilesByName)
    at_most(_MAX_NAMES, asked.usernames, "/usernames")
    names = [name for name in map(fold, asked.usernames) if is_username(name)]
    async with request.app[DATABASE].connection() as conn:
        found = await users.profiles_by_name(conn, names)
    return json_response(Profiles(found + ai.if_named(names, found)))


@allow("gateway", "relay", "threads", "game", "notify")
async def profiles_by_id(request: web.Request) -> web.Response:
    """People by id, at most 1000."""
    asked = await read_json(request, ProfilesById)
    async with request.app[DATABASE].connection() as conn:
        found = await users.profiles_by_id(conn, _ids(asked.users))
    return json_response(Profiles(found + ai.if_asked(asked.users)))


@allow("relay")
async def seen(request: web.Request) -> web.Response:
    """These users were connected just now."""
    named = await read_json(request, Seen)
    async with request.app[DATABASE].connection() as conn:
        await users.seen(conn, _ids(named.users))
    return web.Response(status=204)


def _ids(given: Sequence[int]) -> list[int]:
    """Those that could be a user's."""
    at_most(_MAX_IDS, given, "/users")
    return [user for user in given if 0 < user <= _MAX_ID]
