"""Every route of the auth service."""

from aiohttp import web

from services.auth import handlers, internal

ROUTES = [
    web.get("/api/session", handlers.who_am_i),
    web.delete("/api/session", handlers.log_out),
    web.get("/api/sessions", handlers.list_sessions),
    web.delete("/api/sessions", handlers.end_other_sessions),
    web.delete("/api/sessions/{id}", handlers.end_session),
    web.put("/api/password", handlers.change_password),
    web.get("/api/users", handlers.list_users),
    web.post("/internal/accounts", internal.sign_up),
    web.post("/internal/login", internal.log_in),
    web.post("/internal/sessions/check", internal.check_sessions),
    web.get("/internal/sessions/ended", internal.ended_sessions),
    web.post("/internal/users/by-name", internal.profiles_by_name),
    web.post("/internal/users/by-id", internal.profiles_by_id),
    web.post("/internal/users/seen", internal.seen),
]
