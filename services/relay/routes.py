"""Every route of the relay, all of them for the gateway: the public socket, and the allowance of messages."""

from services.relay import allowance
from services.relay.transport import handshake
from shared.contract.internal import get, post
from shared.wire.allowance import TakeSend
from shared.wire.problems import RateLimited

ROUTES = [
    get(
        "/messages",
        handshake.open_socket,
        {101: None},
        name="inboxSocket",
        summary="The public socket, for whom the gateway names (AsyncAPI: /api/asyncapi.json)",
    ),
    get(
        "/messages/{username}",
        handshake.open_socket,
        {101: None},
        name="threadSocket",
        summary="The same; 404 if there is no such peer",
    ),
    post("/internal/sends", allowance.take_send, TakeSend, {204: None}, RateLimited),
]
