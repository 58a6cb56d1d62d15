"""`python -m deploy.local [--reload]`"""

import sys

from deploy.local.run import main

sys.exit(main(reload="--reload" in sys.argv[1:]))
