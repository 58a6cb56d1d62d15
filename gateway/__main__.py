"""`python -m gateway`"""

import uvloop

from gateway.app import build, runners
from gateway.config import GatewayConfig
from shared.plumbing.app import begin, serve_runners
from shared.plumbing.transport.address import Address


def main() -> None:
    config = begin("gateway", GatewayConfig)

    async def serve() -> None:
        app = build(config)
        await serve_runners(app, runners(app, config), config.drain_delay_s, Address.parse(config.listen))

    uvloop.run(serve())


main()
