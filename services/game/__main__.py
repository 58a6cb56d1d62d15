"""`python -m services.game`: serve. `tournament`, `matches` `[games] [seed]`: the tables of docs/game.md."""

import sys

from services.game import matches
from services.game.app import build
from services.game.config import Config
from services.game.entrance import Runner
from services.game.tournament import table
from shared.plumbing.app import run

if sys.argv[1:2] == ["tournament"]:
    sys.stdout.write(table(*map(int, sys.argv[2:4])))
elif sys.argv[1:2] == ["matches"]:
    sys.stdout.write(matches.table(*map(int, sys.argv[2:4])))
else:
    run("game", Config, build, runner=Runner)
