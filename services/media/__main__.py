"""`python -m services.media`: serve; `migrate`."""

import sys

from services.media.app import MIGRATIONS, build
from services.media.config import Config
from shared.plumbing.app import run
from shared.plumbing.postgres import migrating

if sys.argv[1:] == ["migrate"]:
    sys.exit(migrating.main("media", MIGRATIONS))
run("media", Config, build)
