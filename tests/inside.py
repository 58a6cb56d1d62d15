"""What only tests that call the services themselves know of a running product."""

from collections.abc import Mapping

from deploy.local.settings import from_environment
from deploy.local.table import stages
from shared.testing.product import Product


def told_gateway(product: Product) -> Mapping[str, str]:
    """The settings that its gateway was started with: among them, where each service listens."""
    settings = from_environment({"DUET_DATA_DIR": str(product.data_dir), "DUET_PORT": str(product.port)})
    [gateway] = [program for stage in stages(settings) for program in stage if program.name == "gateway"]
    told: Mapping[str, str] = gateway.options["env"]
    return told
