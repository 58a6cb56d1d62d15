"""`python -m services.media`: serve."""

from services.media.app import build
from services.media.config import Config
from shared.plumbing.app import run

run("media", Config, build)
