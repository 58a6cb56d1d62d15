"""`python -m services.auth`: serve; `reset-password USER`: print a new password."""

import sys

from services.auth import reset
from services.auth.app import build
from services.auth.config import Config
from shared.plumbing.app import run

if sys.argv[1:2] == ["reset-password"]:
    sys.exit(reset.main(sys.argv[2:]))
run("auth", Config, build)
