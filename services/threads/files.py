"""The files of messages: media says whether they may be named, and what they are."""

import msgspec

from services.threads.queries.appends import Row
from shared.plumbing.http.rpc import Peer
from shared.wire import codec
from shared.wire.attachments import ClaimAttachments, Claimed, NamedAttachment
from shared.wire.problems import Unavailable


class Files:
    """media: None where no files are taken."""

    def __init__(self, media: Peer | None) -> None:
        self._media = media

    async def claimed(self, row: Row) -> Row:
        """The row of a message with all that media says of its attachments. Raises media's problem, Unavailable."""
        if self._media is None:
            raise Unavailable("Files cannot be sent just now")
        asked = codec.decode(row.attachments or "[]", list[NamedAttachment])
        low, high = row.pair
        claim = ClaimAttachments(row.sender, low + high - row.sender, [one.id for one in asked])
        answer = await self._media.call("POST", "/internal/claim", claim, of=Claimed, idempotent=True)
        told = [
            msgspec.structs.replace(one, alt=named.alt) if named.alt else one
            for one, named in zip(answer.attachments, asked, strict=True)
        ]
        return msgspec.structs.replace(row, attachments=codec.encode(told).decode())
