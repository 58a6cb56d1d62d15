"""`python -m services.game`: serve. `tournament`, `matches` `[games] [seed]`: the tables of docs/game.md."""

import sys

from services.game.app import build
from services.game.classic.tournament import table
from services.game.config import Config
from services.game.entrance import Runner
from services.game.variants import tournament as variants
from shared.plumbing.app import run

if sys.argv[1:2] == ["tournament"]:
    sys.stdout.write(table(*map(int, sys.argv[2:4])))
elif sys.argv[1:2] == ["matches"]:
    sys.stdout.write(variants.table(*map(int, sys.argv[2:4])))
else:
    run("game", Config, build, runner=Runner)
