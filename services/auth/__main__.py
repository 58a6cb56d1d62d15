"""`python -m services.auth`: serve; `migrate`; `reset-password USER`: print a new password."""

import sys

from services.auth import reset
from services.auth.app import MIGRATIONS, build
from services.auth.config import Config
from shared.plumbing.app import run
from shared.plumbing.postgres import migrating

if sys.argv[1:2] == ["reset-password"]:
    sys.exit(reset.main(sys.argv[2:]))
if sys.argv[1:] == ["migrate"]:
    sys.exit(migrating.main("auth", MIGRATIONS))
run("auth", Config, build)
