"""`python -m deploy.local [VERB …]`: the `duet` command of a checkout. Without a verb it runs Duet."""

import sys

from deploy.local.command import main

sys.exit(main(sys.argv[1:] or ["run"]))
