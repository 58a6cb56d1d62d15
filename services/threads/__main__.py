"""`python -m services.threads`: serve; `migrate`; `renew-log`: a new log id, after a backup was restored.

`renew-log --sql` prints what does it, for a restore that is one transaction. `shards`, `level`, `empty URL-or-number`:
of a log over several servers, which one holds what, and moving that.
"""

import asyncio
import sys

from services.threads import leveling
from services.threads.app import MIGRATIONS, build
from services.threads.config import Config
from services.threads.queries.restored import RENEW_SCRIPT
from services.threads.renewal import renew_log
from shared.plumbing.app import run
from shared.plumbing.postgres import migrating
from shared.plumbing.settings import config as configuration
from shared.plumbing.telemetry import log

if sys.argv[1:] == ["renew-log", "--sql"]:
    sys.stdout.write(f"{RENEW_SCRIPT}\n")
elif sys.argv[1:] == ["migrate"]:
    sys.exit(migrating.main("threads", MIGRATIONS, sharded=True))
elif sys.argv[1:] == ["renew-log"]:
    config = configuration.read(Config, prefer="threads")
    log.configure("threads", config.log_level)
    for renewed in asyncio.run(renew_log(config)):
        sys.stdout.write(f"{renewed}\n")
elif sys.argv[1:2] and sys.argv[1] in leveling.VERBS:
    sys.exit(leveling.main(sys.argv[1:]))
else:
    run("threads", Config, build)
