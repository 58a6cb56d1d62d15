"""Every route of the auth service; what programs call is declared here, the public calls in gateway/contract.py."""

from aiohttp import web

from services.auth import handlers, internal
from shared.contract.internal import get, post
from shared.wire.accounts import (
    CheckedSessions,
    CheckSessions,
    Credentials,
    EndedSessions,
    LoggedIn,
    NewAccount,
    OpenSessions,
    PasswordChange,
    Profiles,
    ProfilesById,
    ProfilesByName,
    Seen,
)
from shared.wire.invites import Invited, InviteToken, LookAtInvite, MakeInvite, UseInvite
from shared.wire.problems import (
    InviteOver,
    NotFound,
    OwnInvite,
    RateLimited,
    Taken,
    TooManyInvites,
    Unauthenticated,
    WrongCredentials,
    WrongPassword,
)

_REFUSED = (NotFound, InviteOver)
"""Of an invitation."""

ROUTES = [
    web.get("/api/session", handlers.who_am_i),
    web.delete("/api/session", handlers.log_out),
    web.get("/api/sessions", handlers.list_sessions),
    web.delete("/api/sessions", handlers.end_other_sessions),
    web.delete("/api/sessions/{id}", handlers.end_session),
    web.put("/api/profile", handlers.change_profile),
    web.get("/api/settings", handlers.my_settings),
    web.patch("/api/settings", handlers.change_settings),
    web.get("/api/users", handlers.list_users),
    web.get("/api/invites", handlers.list_invites),
    web.delete("/api/invites/{id}", handlers.take_back_invite),
    post(
        "/internal/accounts",
        internal.create_account,
        NewAccount,
        {201: LoggedIn},
        Taken,
        RateLimited,
        *_REFUSED,
    ),
    post("/internal/login", internal.log_in, Credentials, {200: LoggedIn}, WrongCredentials, RateLimited),
    post(
        "/internal/password",
        internal.change_password,
        PasswordChange,
        {200: LoggedIn},
        WrongPassword,
        Unauthenticated,
        RateLimited,
    ),
    post("/internal/sessions/check", internal.check_sessions, CheckSessions, {200: CheckedSessions}),
    post(
        "/internal/invites", internal.make_invite, MakeInvite, {201: InviteToken}, TooManyInvites, RateLimited
    ),
    post(
        "/internal/invites/look", internal.look_at_invite, LookAtInvite, {200: Invited}, NotFound, RateLimited
    ),
    post(
        "/internal/invites/use",
        internal.use_invite,
        UseInvite,
        {200: Invited},
        OwnInvite,
        RateLimited,
        *_REFUSED,
    ),
    get("/internal/sessions/ended", internal.ended_sessions, {200: EndedSessions}),
    post("/internal/sessions/over", internal.sessions_over, OpenSessions, {200: EndedSessions}),
    post("/internal/users/by-name", internal.profiles_by_name, ProfilesByName, {200: Profiles}),
    post("/internal/users/by-id", internal.profiles_by_id, ProfilesById, {200: Profiles}),
    post("/internal/users/seen", internal.seen, Seen, {204: None}),
]
