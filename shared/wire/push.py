"""Web Push: what a browser subscribes with, and what a push says."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.wire.body import Body

MAX_ENDPOINT = 2048


class PushKeys(Body, frozen=True):
    """As the browser's PushSubscription has them, base64url: a point on P-256, and 16 bytes."""

    p256dh: Annotated[str, Meta(max_length=128)]
    auth: Annotated[str, Meta(max_length=64)]


class Subscribe(Body, frozen=True):
    """PUT /api/push. endpoint: https, of a known push service. hide_text: notices do not say what a message says."""

    endpoint: Annotated[str, Meta(max_length=MAX_ENDPOINT)]
    keys: PushKeys
    hide_text: bool = False


class PushState(msgspec.Struct, frozen=True):
    """key: the application server's, base64url. subscribed, hide_text: of the calling session."""

    key: str
    subscribed: bool
    hide_text: bool


class Push(msgspec.Struct, frozen=True):
    """What a push says, encrypted for one browser. thread: the other member's username; url: of the page with it.

    tag: the same for all pushes about a thread, so that a notice takes the earlier one's place. seq: of the event.
    """

    title: str
    body: str
    url: str
    thread: str
    tag: str
    seq: int
    sent_at: datetime
