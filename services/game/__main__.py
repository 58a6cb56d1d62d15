"""`python -m services.game`: serve; `migrate`. `tournament`, `matches` `[games] [seed]`: the tables of docs/game.md."""

import sys

from services.game.app import build
from services.game.config import Config
from services.game.entrance import Runner
from services.game.live.lifetime import MIGRATIONS
from shared.plumbing.app import run
from shared.plumbing.postgres import migrating

if sys.argv[1:2] == ["tournament"]:
    from services.game.classic.tournament import table

    sys.stdout.write(table(*map(int, sys.argv[2:4])))
elif sys.argv[1:] == ["migrate"]:
    sys.exit(migrating.main("game", MIGRATIONS))
elif sys.argv[1:2] == ["matches"]:
    from services.game.variants.tournament import table  # with wasmtime, which only a worker needs to serve

    sys.stdout.write(table(*map(int, sys.argv[2:4])))
else:
    run("game", Config, build, runner=Runner)
