"""python -m services.relay: one relay node."""

import os

from services.relay.app import build
from services.relay.config import Config
from shared.plumbing.app import run

if __name__ == "__main__":
    run("relay", Config, build, name=os.environ.get("DUET_NODE", "relay"))
