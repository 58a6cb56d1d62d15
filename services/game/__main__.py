"""`python -m services.game`: serve; `tournament [games] [seed]`: the table of docs/game.md."""

import sys

from services.game.app import build
from services.game.config import Config
from services.game.tournament import table
from shared.plumbing.app import run

if sys.argv[1:2] == ["tournament"]:
    sys.stdout.write(table(*map(int, sys.argv[2:4])))
else:
    run("game", Config, build)
