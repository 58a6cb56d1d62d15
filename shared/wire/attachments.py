"""Files and photos: what is uploaded, what a message names, and what threads asks media."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from shared.wire.body import Body

MAX_ATTACHMENTS = 10
"""In one message."""

MAX_ALT_CODE_POINTS = 1000
MAX_NAME_CODE_POINTS = 255
ID_PATTERN = r"^[A-Za-z0-9_\-]{22}$"
AttachmentId = Annotated[str, Meta(pattern=ID_PATTERN, min_length=22, max_length=22)]
"""128 random bits, base64url."""

THUMB_SIDE = 4
PEAKS = 48
OCTETS = "application/octet-stream"
"""The type of everything that Duet does not show."""


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file or photo. type: what its bytes are, `application/octet-stream` for all that is not shown. size: bytes.

    Of a photo: width, height, as it is shown; thumb: what to draw until it is there, base64 of 48 bytes, the colours
    (red, green, blue) of 4 by 4 fields, row by row. duration: of a sound, in seconds, where the file tells it.
    peaks: of a sound, how loud it is, as its sender says: 48 equal parts of it in turn, a hexadecimal digit each.
    alt: what the sender says is to be seen. Other fields are absent where they do not apply.
    """

    id: str
    name: str
    type: str
    size: int
    width: int | UnsetType = UNSET
    height: int | UnsetType = UNSET
    thumb: str | UnsetType = UNSET
    duration: float | UnsetType = UNSET
    peaks: str | UnsetType = UNSET
    alt: str | UnsetType = UNSET


class NamedAttachment(Body, frozen=True, omit_defaults=True):
    """An attachment as a send names it, by the id of its upload. alt: what is to be seen, for who does not see it."""

    id: str
    alt: str | None = None


NamedAttachments = Annotated[Sequence[NamedAttachment], Meta(max_length=MAX_ATTACHMENTS)]


class UploadQuery(Body, frozen=True):
    """client_id: a UUID; the same one again gets the same answer. name: of the file, as the other person sees it.

    duration: of a sound, in seconds, as whoever recorded it knows it; for files that do not tell it. peaks: of a sound,
    how loud its parts are, as in an Attachment.
    """

    client_id: UUID
    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CODE_POINTS)]
    duration: Annotated[float, Meta(ge=0, le=24 * 3600)] | None = None
    peaks: Annotated[str, Meta(pattern=r"^[0-9a-f]*$", min_length=PEAKS, max_length=PEAKS)] | None = None


class ClaimAttachments(msgspec.Struct, frozen=True):
    """POST /internal/claim: `owner` is about to name these in a message to `peer`. Both are user ids.

    From then on the attachments stay for an hour without a message that names them, and `peer` may read them.
    """

    owner: int
    peer: int
    ids: Sequence[str]


class Claimed(msgspec.Struct, frozen=True):
    """In the order asked for. What cannot be named is a 422 instead, with a pointer `/attachments/<n>/id` for each."""

    attachments: Sequence[Attachment]
