"""FastAPI: raw websockets, asyncpg, Redis pub/sub with one channel a person.

Run by: uvicorn bench.peers.fastapi_chat:app --workers N
"""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Cookie, FastAPI, Response, WebSocket, WebSocketDisconnect
from pydantic import BaseModel
from redis import asyncio as aioredis

from bench.peers import store


class LogIn(BaseModel):
    username: str


class Sockets:
    """This process' sockets by person, and its subscription to their channels."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._pubsub = redis.pubsub()
        self._sockets: dict[str, set[WebSocket]] = defaultdict(set)

    async def add(self, username: str, socket: WebSocket) -> None:
        if not self._sockets[username]:
            await self._pubsub.subscribe(f"user:{username}")
        self._sockets[username].add(socket)

    async def remove(self, username: str, socket: WebSocket) -> None:
        self._sockets[username].discard(socket)
        if not self._sockets[username]:
            await self._pubsub.unsubscribe(f"user:{username}")

    async def publish(self, usernames: tuple[str, str], frame: str) -> None:
        async with self._redis.pipeline(transaction=False) as pipeline:
            for username in usernames:
                pipeline.publish(f"user:{username}", frame)
            await pipeline.execute()

    async def relay(self) -> None:
        """Hands what is published to the sockets it is for."""
        await self._pubsub.subscribe("everybody")
        async for message in self._pubsub.listen():
            if message["type"] == "message":
                username = message["channel"].removeprefix("user:")
                for socket in list(self._sockets.get(username, ())):
                    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                        await socket.send_text(message["data"])


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.pool = await store.open_pool()
    app.state.threads = store.Threads(app.state.pool)
    redis = aioredis.from_url(store.REDIS_URL, decode_responses=True)
    app.state.sockets = Sockets(redis)
    relay = asyncio.create_task(app.state.sockets.relay())
    yield
    relay.cancel()
    await redis.aclose()
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan)


@app.post("/login")
async def log_in(body: LogIn, response: Response) -> dict[str, str]:
    token = await store.log_in(app.state.pool, body.username)
    response.set_cookie("session", token, httponly=True, samesite="lax")
    return {"username": body.username}


@app.websocket("/ws")
async def chat(socket: WebSocket, session: Annotated[str | None, Cookie()] = None) -> None:
    account = await store.account_of(app.state.pool, session or "")
    if account is None:
        await socket.close(4401)
        return
    account_id, username = account
    await socket.accept()
    await app.state.sockets.add(username, socket)
    try:
        while True:
            sent = await socket.receive_json()
            stored = await app.state.threads.append(account_id, sent["to"], sent["client_id"], sent["text"])
            frame = json.dumps({"id": stored, "sender": username, **sent})
            await app.state.sockets.publish((username, sent["to"]), frame)
    except WebSocketDisconnect:
        pass
    finally:
        await app.state.sockets.remove(username, socket)
