"""GET /status on the private side: how every program does, as the gateway hears it. For the operator alone."""

import asyncio
from collections.abc import Mapping

import msgspec
from aiohttp import web

from gateway.health import HEALTH
from gateway.keys import NODES
from shared.plumbing.app import STATE
from shared.plumbing.http.client import HttpClient
from shared.plumbing.http.head import open_head
from shared.plumbing.http.web import json_response
from shared.plumbing.telemetry.status import Status, status_of
from shared.wire.problems import Unavailable


class Overview(msgspec.Struct, frozen=True):
    """status: "ok" or "wrong". wrong: what is, each after the name of its program."""

    status: str
    wrong: list[str]
    programs: Mapping[str, Status]


async def overview(gateway: web.Application, request: web.Request) -> web.Response:
    """Of several processes at one address one speaks for all; each relay speaks for itself."""
    clients = {**gateway[HEALTH].clients, **gateway[NODES].clients}
    own = status_of({}, draining=gateway[STATE]["draining"])
    said = await asyncio.gather(*map(_ask, clients.values()))
    programs = {"gateway": own, **dict(zip(clients, said, strict=True))}
    wrong = [f"{name}: {fault}" for name, one in programs.items() for fault in one.wrong]
    return json_response(Overview("wrong" if wrong else "ok", wrong, programs))


async def _ask(client: HttpClient) -> Status:
    try:
        answer = await client.ask(open_head("/status", client.program))
        return msgspec.json.decode(answer.body, type=Status)
    except (Unavailable, msgspec.DecodeError, msgspec.ValidationError):
        return Status(["it does not answer"])
