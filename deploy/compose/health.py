"""`python -m deploy.compose.health`: whether the Duet of this container can serve, as an exit status."""

import asyncio
import sys
from urllib.parse import urlsplit

from deploy.local.probes import port_probe
from deploy.local.settings import from_environment


async def reason_why_not() -> str:
    """The empty text when it can."""
    settings = from_environment()
    return await port_probe(settings.address, settings.port, urlsplit(settings.public_url).netloc)()


if __name__ == "__main__":
    sys.exit(asyncio.run(reason_why_not()) or None)
