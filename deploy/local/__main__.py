"""`python -m deploy.local [--reload | --check-config]`"""

import sys

from deploy.local.run import check_config, main

if "--check-config" in sys.argv[1:]:
    sys.exit(check_config())
sys.exit(main(reload="--reload" in sys.argv[1:]))
