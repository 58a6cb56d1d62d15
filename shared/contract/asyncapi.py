"""The socket as AsyncAPI 3, made from the frames."""

from typing import Any, get_args

from shared.contract.schemas import schemas
from shared.wire.frames import SUBPROTOCOL, ClientFrame, ServerFrame

_CLOSE_CODES = """Close codes: reconnect on 1001, 1006, 1011, 1012, 1013 and 4000-4499 (4000 no hello in time,
4001 no heartbeat, 4002 too many frames for too long); 1002, 1003, 1007, 1009 are final for the frame sent last;
4500-4999 are final (4501 the session ended, 4502 too many sockets of one user: the oldest goes)."""


def asyncapi(server: str, *, secure: bool) -> dict[str, Any]:
    """server: the host that serves the socket, with its port."""
    incoming, outgoing = get_args(ClientFrame), get_args(ServerFrame)
    by_type, components = schemas([*incoming, *outgoing])
    messages = {
        kind.__name__: {
            "name": kind.__struct_config__.tag,
            "summary": (kind.__doc__ or "").strip(),
            "contentType": "application/json",
            "payload": by_type[kind],
        }
        for kind in (*incoming, *outgoing)
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Duet's socket",
            "version": "1.0.0",
            "description": f"Subprotocol `{SUBPROTOCOL}`, JSON text frames of at most 64 KiB, hello first. "
            + _CLOSE_CODES.replace("\n", " "),
        },
        "servers": {"gateway": {"host": server, "protocol": "wss" if secure else "ws"}},
        "channels": {
            "thread": _channel("/messages/{username}", list(messages), with_name=True),
            "inbox": _channel("/messages", list(messages)),
        },
        "operations": {
            "send": _operation("receive", "What a browser sends", incoming),
            "receive": _operation("send", "What a browser gets", outgoing),
        },
        "components": {"schemas": components, "messages": messages},
    }


def _channel(address: str, messages: list[str], *, with_name: bool = False) -> dict[str, Any]:
    channel: dict[str, Any] = {
        "address": address,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"ws": {"method": "GET"}},
    }
    if with_name:
        channel["parameters"] = {
            "username": {"description": "The thread to open; 404 if nobody has this name"}
        }
    return channel


def _operation(action: str, summary: str, kinds: tuple[Any, ...]) -> dict[str, Any]:
    """action: as the server sees it, because the document describes the server."""
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/thread"},
        "messages": [{"$ref": f"#/channels/thread/messages/{kind.__name__}"} for kind in kinds],
    }
