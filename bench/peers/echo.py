"""The floor: one aiohttp process that hands a frame to both people and does nothing else. Also POST /echo."""

import json
import os

import uvloop
from aiohttp import WSMsgType, web

_sockets: dict[str, web.WebSocketResponse] = {}


async def log_in(request: web.Request) -> web.Response:
    username = (await request.json())["username"]
    response = web.json_response({"username": username})
    response.set_cookie("session", username)
    return response


async def chat(request: web.Request) -> web.WebSocketResponse:
    username = request.cookies["session"]
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    _sockets[username] = socket
    async for frame in socket:
        if frame.type is WSMsgType.TEXT:
            for name in (username, json.loads(frame.data)["to"]):
                if name in _sockets:
                    await _sockets[name].send_str(frame.data)
    return socket


async def echo(request: web.Request) -> web.Response:
    return web.json_response(await request.json())


async def application() -> web.Application:
    app = web.Application()
    app.add_routes([web.post("/login", log_in), web.get("/ws", chat), web.post("/echo", echo)])
    return app


if __name__ == "__main__":
    web.run_app(
        application(), host="127.0.0.1", port=int(os.environ["PEER_PORT"]), access_log=None, print=None,
        loop=uvloop.new_event_loop(),
    )  # fmt: skip
