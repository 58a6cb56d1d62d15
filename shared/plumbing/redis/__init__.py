"""Redis: who is where, the hints, and the connections that carry them."""

import importlib
import sys

_METRICS = "opentelemetry"
"""redis-py loads 60 modules of it where it is installed, 3 MB, for metrics that nobody here asks it for."""

if _METRICS not in sys.modules:
    sys.modules[_METRICS] = None  # type: ignore[assignment]  # which makes `import` say that it is not there
    importlib.import_module("redis.asyncio")
    del sys.modules[_METRICS]
