"""python -m services.relay: one relay node."""

from services.relay.app import build
from services.relay.config import Config
from shared.plumbing.app import run

if __name__ == "__main__":
    run("relay", Config, build)
