"""Reads an upgrade exactly as our gateway writes it: the head that comes with a handed-over socket.

Anything else is refused here; the gateway then asks again through a tunnel, where aiohttp answers with a problem.
"""

import re
from typing import NamedTuple

from aiohttp import web

from services.relay.keys import NODE
from services.relay.transport import handshake
from shared.plumbing.http.head import NotHttpError, bearer, read_request
from shared.plumbing.http.web import VERIFIER
from shared.plumbing.identity import User
from shared.wire.ids import fold
from shared.wire.problems import Problem

_TARGET = re.compile(r"/messages(?:/([A-Za-z0-9_.-]+))?")
_OF_A_BODY = ("Content-Length", "Transfer-Encoding", "Expect")


class Plain(NamedTuple):
    """An upgrade that is granted if `peer` (folded; "" for the inbox) exists. response: the head of the answer."""

    user: User
    peer: str
    response: bytes


def read(app: web.Application, head: bytes) -> Plain | None:
    """The request up to its empty line; None for anything but an upgrade by somebody who may have it."""
    try:
        method, target, headers = read_request(head)
        wanted = _TARGET.fullmatch(target)
        if method != "GET" or wanted is None or any(name in headers for name in _OF_A_BODY):
            return None
        user = handshake.speaks_for(app[VERIFIER].caller(bearer(headers)), headers)
        response = handshake.handshake(headers)
        handshake.check_session(app[NODE], user)
    except (NotHttpError, Problem):
        return None
    peer = fold(wanted[1] or "")
    return Plain(user, peer, response) if not peer or handshake.could_be_peer(peer, user.username) else None
