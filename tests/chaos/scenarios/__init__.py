"""The rows of faults.md, grouped by what is hurt."""

import importlib
import pkgutil


def load_all() -> None:
    """Imports every module here, so that all scenarios are registered, in the order of the files' names."""
    for module in sorted(found.name for found in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}")
