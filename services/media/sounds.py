"""How long a sound is, where its file tells it."""

from services.media.blobs.spool import Spool


async def duration(kind: str, spool: Spool) -> float | None:
    """In seconds; None if the file does not say, or not in a way that is known here."""
    return None
