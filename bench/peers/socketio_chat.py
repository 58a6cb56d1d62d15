"""python-socketio: an ASGI app, asyncpg, the Redis client manager, one room a person.

Run by: uvicorn bench.peers.socketio_chat:app (one process a port; a Socket.IO session needs its own process)
"""

import json
from http.cookies import SimpleCookie
from typing import Any

import socketio

from bench.peers import store

server = socketio.AsyncServer(
    async_mode="asgi",
    client_manager=socketio.AsyncRedisManager(store.REDIS_URL),
    cors_allowed_origins="*",
)
state: dict[str, Any] = {}


async def start() -> None:
    state["pool"] = await store.open_pool()
    state["threads"] = store.Threads(state["pool"])


async def stop() -> None:
    await state["pool"].close()


@server.event
async def connect(sid: str, environ: dict[str, Any]) -> bool:
    cookie = SimpleCookie(environ.get("HTTP_COOKIE", ""))
    account = await store.account_of(state["pool"], cookie["session"].value if "session" in cookie else "")
    if account is None:
        return False
    await server.save_session(sid, {"id": account[0], "username": account[1]})
    await server.enter_room(sid, account[1])
    return True


@server.event
async def send(sid: str, sent: dict[str, Any]) -> None:
    me = await server.get_session(sid)
    stored = await state["threads"].append(me["id"], sent["to"], sent["client_id"], sent["text"])
    message = {"id": stored, "sender": me["username"], **sent}
    await server.emit("message", message, room=[me["username"], sent["to"]])


async def log_in(scope: dict[str, Any], receive: Any, reply: Any) -> None:
    """POST /login, the one HTTP route."""
    body = json.loads((await receive())["body"])
    token = await store.log_in(state["pool"], body["username"])
    cookie = f"session={token}; HttpOnly; Path=/; SameSite=Lax".encode()
    headers = [(b"content-type", b"application/json"), (b"set-cookie", cookie)]
    await reply({"type": "http.response.start", "status": 200, "headers": headers})
    await reply({"type": "http.response.body", "body": b"{}"})


app = socketio.ASGIApp(server, other_asgi_app=log_in, on_startup=start, on_shutdown=stop)
