"""`python -m services.notify`: serve; `migrate`."""

import sys

from services.notify.app import MIGRATIONS, build
from services.notify.config import Config
from shared.plumbing.app import run
from shared.plumbing.postgres import migrating

if sys.argv[1:] == ["migrate"]:
    sys.exit(migrating.main("notify", MIGRATIONS))
run("notify", Config, build)
