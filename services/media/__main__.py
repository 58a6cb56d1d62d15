"""`python -m services.media`: serve. `save DIRECTORY`, `load DIRECTORY`: the files of a backup."""

from services.media.app import build
from services.media.config import Config
from shared.plumbing.app import run

run("media", Config, build)
