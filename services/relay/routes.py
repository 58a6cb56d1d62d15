"""Every route of the relay: the public socket, for the gateway."""

from services.relay.transport import handshake
from shared.contract.internal import get

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
]
