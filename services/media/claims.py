"""What messages may name: threads asks before it stores one."""

from services.media.queries import attachments
from shared.plumbing.postgres.database import Database
from shared.wire.attachments import Attachment, ClaimAttachments
from shared.wire.problems import FieldError, Invalid


class Claims:
    """Claiming again does no harm: a message may be sent again until it is answered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, asked: ClaimAttachments) -> list[Attachment]:
        """In the order asked for. Raises Invalid, which names each that cannot be named; then none is claimed."""
        async with self._database.transaction() as conn:
            found = await attachments.claim(conn, asked.owner, asked.ids)
            faults = []
            for place, id in enumerate(asked.ids):
                if id not in found:
                    faults.append(FieldError(f"/attachments/{place}/id", "is no upload of yours, or is gone"))
                elif found[id].peer != asked.peer:
                    faults.append(FieldError(f"/attachments/{place}/id", "was uploaded for another chat"))
            if faults:
                raise Invalid(faults)
        return [found[id].on_the_wire() for id in asked.ids]
