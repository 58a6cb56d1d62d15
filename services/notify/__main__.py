"""`python -m services.notify`: serve."""

from services.notify.app import build
from services.notify.config import Config
from shared.plumbing.app import run

run("notify", Config, build)
